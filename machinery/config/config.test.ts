import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { agentPort, dataDir, listen, logLevel, nodeIp } from './shared-rows.js';
import { ConfigError, helpText, markdownTable, parseConfig } from './config.js';

const table = { dataDir, listen, agentPort, logLevel, nodeIp };

const parse = (args: readonly string[], env: Record<string, string> = {}) =>
  parseConfig(table, { args, env });

test('config prefers flags over environment over file over defaults', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pintle-config-'));
  try {
    const file = path.join(folder, 'pintle.yaml');
    writeFileSync(file, 'data-dir: /file\nagent-port: 1000\nlog-level: warn\n');
    const config = parse(['--config', file, '--data-dir=/flag'], {
      PINTLE_DATA_DIR: '/env',
      PINTLE_AGENT_PORT: '2000',
    });
    assert.deepEqual(config, {
      dataDir: '/flag',
      listen: { host: '0.0.0.0', port: 6443 },
      agentPort: 2000,
      logLevel: 'warn',
      nodeIp: undefined,
    });
    assert.ok(Object.isFrozen(config));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const [name, args, message] of [
  ['an unknown flag', ['--nope'], /unknown argument --nope/],
  ['a flag without its value', ['--data-dir'], /--data-dir needs a value/],
  ['a wrong address', ['--listen=6443'], /--listen: "6443" is not usable: it must be ADDRESS:PORT/],
  ['a port out of range', ['--agent-port=70000'], /--agent-port: "70000" is not usable/],
  [
    'a word that is none of the choices',
    ['--log-level=loud'],
    /it must be debug, info, warn or error/,
  ],
  [
    'a file that is not there',
    ['--config=/nonexistent.yaml'],
    /cannot read the configuration file/,
  ],
] as const) {
  test(`config explains ${name}`, () => {
    assert.throws(
      () => parse(args),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  });
}

test('config help and documentation list every row with its default', () => {
  const help = helpText(table);
  assert.match(
    help,
    /--listen ADDRESS:PORT\s+Where the API is served \(default: 0\.0\.0\.0:6443\)/,
  );
  assert.equal(help.split('\n').length, 5);
  assert.match(markdownTable(table), /\| `--agent-port` \| `PINTLE_AGENT_PORT` \| `10250` \|/);
});
