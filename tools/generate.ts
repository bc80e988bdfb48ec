/** `npm run generate`: writes every generated file. */
import { writeFileSync } from 'node:fs';
import { besideTest } from '../testing/golden.js';
import { generatedFiles } from './generated-files.js';

for (const [file, text] of await generatedFiles()) {
  writeFileSync(besideTest(import.meta.url, `../${file}`), text);
}
