import { test } from 'node:test';
import { survivesKills } from '../../master/store/crash/contract.js';

test('lmdb store keeps every acknowledged write through 200 kills', () => survivesKills(200));
