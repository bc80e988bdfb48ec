import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { FakeClock } from '../clock/clock.js';
import { RotatingFile } from './rotating-file.js';

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pintle-rotating-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const common = { maxSizeBytes: 10, maxBackups: 0, maxAgeMs: 0, maxBacklogBytes: 100 };
const onError = (error: unknown): void => assert.fail(String(error));

test('rotating file begins anew when it is full and keeps what there was', () =>
  inFolder(async (folder) => {
    const clock = new FakeClock();
    const file = path.join(folder, 'logs', 'audit.log');
    const log = new RotatingFile({ ...common, file, clock, onError });
    log.append('one\n');
    log.append('two\n');
    await log.flushed();
    log.append('three\n');
    await log.flushed();
    assert.equal(await readFile(file, 'utf8'), 'three\n');
    const old = 'audit-2026-01-01T00-00-00.000.log';
    assert.equal(await readFile(path.join(folder, 'logs', old), 'utf8'), 'one\ntwo\n');
  }));

test('rotating file goes on with what is there', () =>
  inFolder(async (folder) => {
    const file = path.join(folder, 'audit.log');
    await writeFile(file, '12345678');
    const log = new RotatingFile({ ...common, file, clock: new FakeClock(), onError });
    log.append('abc');
    await log.flushed();
    assert.equal(await readFile(file, 'utf8'), 'abc');
    assert.equal((await readdir(folder)).length, 2);
  }));

test('rotating file removes old files by number and age, and no others', () =>
  inFolder(async (folder) => {
    const clock = new FakeClock();
    const file = path.join(folder, 'audit.log');
    await writeFile(path.join(folder, 'audit-mine-2020-01-01T00-00-00.000.log'), '');
    const log = new RotatingFile({
      ...common,
      file,
      maxBackups: 2,
      maxAgeMs: 90_000,
      clock,
      onError,
    });
    for (const text of ['first line', 'second line', 'third line', 'fourth line']) {
      log.append(text);
      await log.flushed();
      await clock.advance(60_000);
    }
    const names = (await readdir(folder)).sort();
    assert.deepEqual(names, [
      'audit-2026-01-01T00-02-00.000.log',
      'audit-2026-01-01T00-03-00.000.log',
      'audit-mine-2020-01-01T00-00-00.000.log',
      'audit.log',
    ]);
  }));

test('rotating file refuses more than may wait for the disk', () =>
  inFolder(async (folder) => {
    const file = path.join(folder, 'audit.log');
    const log = new RotatingFile({ ...common, file, clock: new FakeClock(), onError });
    assert.equal(log.append('x'.repeat(90)), true);
    assert.equal(log.append('x'.repeat(20)), false);
    await log.flushed();
    assert.equal(log.append('x'.repeat(20)), true);
    await log.flushed();
  }));
