import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import test from 'node:test';
import { ConfigError } from '../machinery/config/config.js';
import { joinCommand, withJoinCommand } from './join-command.js';

const order = { serverUrl: 'https://10.0.0.1:6443', token: 'abc.def', caHash: 'sha256:0' };
const flags = ['--server=https://10.0.0.1:6443', '--token=abc.def', '--ca-hash=sha256:0'];

test('join command is read from standard input where that is asked for', async () => {
  for (const asked of [['--join=-'], ['--join', '-'], ['--node-name=n', '--join=-']]) {
    const input = Readable.from([`${joinCommand(order)}\n`]);
    const { args } = await withJoinCommand({ args: asked, env: {} }, input);
    assert.deepEqual(args, [...asked, ...flags]);
  }
  const sources = { args: [], env: { PINTLE_JOIN: '-' } };
  const { args } = await withJoinCommand(sources, Readable.from([joinCommand(order)]));
  assert.deepEqual(args, flags);
});

test('join command is not waited for where nobody asks for it', async () => {
  const sources = { args: ['--join-later', '-', '--node-name=-'], env: {} };
  const never = new Readable({ read: () => undefined });
  assert.equal(await withJoinCommand(sources, never), sources);
});

test('join command that never comes is an error', async () => {
  await assert.rejects(
    withJoinCommand({ args: ['--join=-'], env: {} }, Readable.from([])),
    ConfigError,
  );
});
