import { test } from 'node:test';
import { survivesKills } from './contract.js';

// The lab kills it 200 times.
test('lmdb store keeps every acknowledged write when its process is killed', () =>
  survivesKills(1));
