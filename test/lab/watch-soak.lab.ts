import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { soak } from '../soak/soak.js';
import { switchAddress } from './namespaces.js';

test('fifty informers hear every event once and in order while their master is killed', async (t) => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'pintle-soak-'));
  try {
    const log = (line: string): void => {
      t.diagnostic(line);
    };
    const options = { dataDir, nodeIp: switchAddress, minutes: 0.5, followers: 50, log };
    const result = await soak(options);
    assert.deepEqual(result.mistakes, []);
    assert.ok(result.checked > result.written, `${String(result.checked)} events were compared`);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
