import { test } from 'node:test';
import { survivesKills } from './contract.js';

test('lmdb store keeps every acknowledged write when its process is killed', () =>
  survivesKills(5));
