/** Breaks every boundary rule once and expects to be told: a rule that cannot fire protects nothing. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { cruise, type ICruiseResult, type IConfiguration } from 'dependency-cruiser';
import { Linter } from 'eslint';
import { besideTest } from '../testing/golden.js';

const repository = besideTest(import.meta.url, '..');

/** For every rule: a file, and what it imports that the rule forbids. */
const violations: Readonly<Record<string, readonly [file: string, imports: string]>> = {
  'components-talk-over-the-api': ['agent/node/a.ts', '../../master/server/target.js'],
  'controllers-are-clients': ['master/controllers/deployment/a.ts', '../../registry/target.js'],
  'steps-do-not-know-each-other': ['master/authz/a.ts', '../admission/target.js'],
  'chain-order': ['master/registry/a.ts', '../store/target.js'],
  'watch-and-store-look-down': ['master/store/a.ts', '../server/target.js'],
  'agent-leaves': ['agent/proxy/a.ts', '../dns/target.js'],
  'api-is-pure': ['api/core/a.ts', '../../machinery/target.js'],
  'pure-stays-pure': ['agent/pods/plan.ts', 'node:fs'],
  'one-door-docker': ['agent/pods/a.ts', 'dockerode'],
  'one-door-processes': ['agent/network/a.ts', 'node:child_process'],
  'one-door-express': ['machinery/a.ts', 'express'],
  'one-door-storage': ['master/watch/a.ts', 'lmdb'],
  'one-door-metrics': ['master/server/a.ts', 'prom-client'],
  'shipped-code-knows-no-tests': ['machinery/b.ts', '../testing/target.js'],
  'no-circular': ['machinery/c.ts', './d.js'],
};

const targets = [
  'master/server', 'master/registry', 'master/admission', 'master/store', 'agent/dns', 'machinery', 'testing',
]; // prettier-ignore

let root = '';
let configuration: IConfiguration;

before(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'pintle-boundaries-'));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  for (const folder of targets) write(`${folder}/target.ts`, 'export const target = 1;\n');
  for (const [file, imports] of Object.values(violations)) write(file, `import '${imports}';\n`);
  write('machinery/d.ts', "import './c.js';\n");
  write('package.json', '{ "type": "module" }');
  symlinkSync(path.join(repository, 'node_modules'), path.join(root, 'node_modules'));
  symlinkSync(path.join(repository, 'tsconfig.base.json'), path.join(root, 'tsconfig.base.json'));
  const loaded = (await import(
    pathToFileURL(path.join(repository, '.dependency-cruiser.mjs')).href
  )) as { default: IConfiguration };
  configuration = loaded.default;
});

after(() => {
  rmSync(root, { recursive: true });
});

test('boundary rules each fire on an import that breaks them', async () => {
  const { forbidden = [], options = {} } = configuration;
  const { output } = await cruise(['.'], {
    ...options,
    baseDir: root,
    ruleSet: { forbidden },
    validate: true,
  });
  const { violations: found } = (output as ICruiseResult).summary;
  for (const [rule, [file]] of Object.entries(violations)) {
    assert.ok(
      found.some((violation) => violation.rule.name === rule && violation.from === file),
      `${rule} did not fire on ${file}`,
    );
  }
});

test('boundary rules are all covered by this test', () => {
  const names = (configuration.forbidden ?? []).map(({ name }) => name).sort();
  assert.deepEqual(names, Object.keys(violations).sort());
});

test('door rules fire on time, randomness and the environment', async () => {
  const { doorRules } = (await import(
    pathToFileURL(path.join(repository, 'tools/door-rules.js')).href
  )) as { doorRules: Linter.RulesRecord };
  const linter = new Linter();
  const globals = { setTimeout: 'readonly', setInterval: 'readonly' } as const;
  for (const code of [
    'Date.now()',
    'new Date()',
    'Math.random()',
    'process.env.HOME',
    'performance.now()',
    'setTimeout(() => 0, 1)',
    'setInterval(() => 0, 1)',
  ]) {
    const messages = linter.verify(code, { rules: doorRules, languageOptions: { globals } });
    assert.equal(messages.length, 1, `no door rule fired on ${code}`);
  }
});
