/** The thread that reads long YAML: text in, its reading out. */
import { serveCalls } from '../../../machinery/exec/side-thread-child.js';
import { readYaml } from './read.js';

serveCalls((text) => {
  const reading = readYaml(text);
  // Text is cheaper to hand over than many small objects.
  return 'fault' in reading
    ? JSON.stringify(reading)
    : JSON.stringify({ value: reading.value ?? null, duplicates: reading.duplicates });
});
