import { storeContract } from './contract.js';
import { openMemoryStore } from './memory.js';

storeContract('memory', () =>
  Promise.resolve({ store: openMemoryStore(), dispose: () => Promise.resolve() }),
);
