/** Runs the runner on tests that go wrong in every way: each must be told, by name, and none may take the others along. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { isExecError, systemExec } from '../machinery/exec/exec.js';
import { besideTest } from '../testing/golden.js';

const runner = besideTest(import.meta.url, 'run-unit-tests.mjs');

/** Runs the tests given as file → text, and returns the exit status and what was printed. */
async function runTests(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  ...argv: readonly string[]
): Promise<{ status: number | undefined; output: string }> {
  const root = mkdtempSync(path.join(tmpdir(), 'pintle-unit-tests-'));
  t.after(() => {
    rmSync(root, { recursive: true });
  });
  mkdirSync(path.join(root, 'dist'));
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) {
    if (name !== 'stale') writeFileSync(path.join(root, `${name}.test.ts`), '');
    writeFileSync(
      path.join(root, 'dist', `${name}.test.js`),
      `import { after, beforeEach, describe, test } from 'node:test';\n${text}`,
    );
  }
  const command = [process.execPath, runner, '--in', path.join(root, 'dist'), ...argv];
  try {
    return { status: 0, output: (await systemExec(command)).stdout };
  } catch (error) {
    if (!isExecError(error)) throw error;
    return { status: error.exitCode, output: `${error.stdout}${error.stderr}` };
  }
}

test('unit-test runner names what fails, hangs and ends its process, and runs the rest', async (t) => {
  const { status, output } = await runTests(
    t,
    {
      'a-fails':
        "describe('group', () => { test('breaks', () => { throw new Error('as told'); }); });",
      'b-exits': "test('leaves', () => process.exit(0));",
      'c-hangs': "test('waits for ever', () => new Promise(() => {}));",
      'd-spins': "test('turns in circles', () => { for (;;); });",
      'e-is-no-module': 'const;',
      'f-passes': "test('works', () => {}); test('is left out', { skip: true }, () => {});",
    },
    '--hang-ms=500',
  );
  assert.equal(status, 1);
  for (const said of [
    /a-fails.test.js › group › breaks\n +Error: as told/,
    /b-exits.test.js › during “leaves”\n +the process ended: exit status 0/,
    /c-hangs.test.js › during “waits for ever”\n +hangs/,
    /d-spins.test.js › during “turns in circles”\n +hangs/,
    /e-is-no-module.test.js\n +SyntaxError/,
    /^ok .*f-passes.test.js/m,
    /# tests 7\n# pass 1\n# fail 5\n# skip 1\n/,
  ]) {
    assert.match(output, said);
  }
});

test('unit-test runner keeps the hooks of a file to itself, and skips compiled tests without a source', async (t) => {
  const { status, output } = await runTests(t, {
    'a-hooks':
      "beforeEach(() => { globalThis.touched = (globalThis.touched ?? 0) + 1; }); test('a', () => {});",
    'b-none': "test('b', () => { if (globalThis.touched > 1) throw new Error('touched'); });",
    stale: "test('is gone', () => { throw new Error('stale'); });",
  });
  assert.equal(status, 0, output);
  assert.match(output, /# tests 2\n# pass 2\n/);
});

test('unit-test runner runs only what a word names, and says what keeps a process alive', async (t) => {
  const { status, output } = await runTests(
    t,
    {
      leaks:
        "import net from 'node:net'; test('opens', () => { net.createServer().listen(0, '127.0.0.1'); });",
      other: "test('is not asked for', () => { throw new Error('ran'); });",
    },
    'leaks',
    '--leftover-ms=100',
  );
  assert.equal(status, 1);
  assert.match(output, /the end\n +the process ended: exit status 1/);
  assert.match(output, /Still open after the last test: .*TCP.*\n +.*leaks.test.js/);
  assert.doesNotMatch(output, /is not asked for/);
});
