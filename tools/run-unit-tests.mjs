// Runs every compiled unit test, or those whose path contains one of the words given: `npm run test:unit -- store`.
// Few processes run many files each, because starting a process and loading the code costs more than most files' tests.
import { fork } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    // The folder of compiled tests; their sources are in its parent.
    in: { type: 'string', default: 'dist' },
    // A process that says nothing for so long hangs.
    'hang-ms': { type: 'string', default: '60000' },
    // What tests left open may keep their process alive for so long.
    'leftover-ms': { type: 'string', default: '5000' },
    // Prints the slowest tests, so many.
    slowest: { type: 'string', default: '0' },
  },
});

const startedMs = performance.now();
const worker = path.join(path.dirname(fileURLToPath(import.meta.url)), 'unit-test-worker.mjs');
/** Compiled tests whose source is gone are left over from an earlier build, and do not count. */
const hasSource = (file) => existsSync(path.join(options.in, '..', file.replace(/\.js$/, '.ts')));
const queue = readdirSync(options.in, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && hasSource(file))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .map((file) => path.join(options.in, file))
  .sort()
  // The tests of the tools wait for processes they start: the other files fill that time only if they come after.
  .reverse();
if (queue.length === 0) {
  console.error(`no unit test matches ${words.join(' ')}`);
  process.exit(1);
}

const counts = { pass: 0, fail: 0, skip: 0, todo: 0 };
const failures = [];
const tests = [];

function addFailure(file, names, text) {
  failures.push({ file, title: [file, ...names].join(' › '), text });
}

/** Runs files off the queue in one process until none is left; resolves when the process has ended. */
function runProcess() {
  const child = fork(worker, [options['leftover-ms']], {
    // Code that runs for milliseconds does not earn back what its optimisation costs: a tenth of all processor time.
    execArgv: ['--no-opt', '--enable-source-maps', `--test-reporter=${worker}`],
  });
  let file;
  let running = '';
  let hung = false;
  let hasFailures = false;
  let timer;
  const expectWord = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, Number(options['hang-ms']));
  };
  const next = () => {
    file = queue.shift();
    running = '';
    child.send({ file });
  };
  const on = {
    ready: next,
    began: ({ name }) => {
      running = name;
    },
    failure: ({ names, text }) => {
      hasFailures = true;
      addFailure(file, names, text);
    },
    test: ({ names, outcome, durationMs }) => {
      counts[outcome] += 1;
      tests.push({ title: [file, ...names].join(' › '), durationMs });
    },
    done: ({ durationMs }) => {
      const mark = failures.some((failure) => failure.file === file) ? 'not ok' : 'ok';
      console.log(`${mark} ${file} # ${durationMs.toFixed(0)} ms`);
      next();
    },
  };
  child.on('message', (message) => {
    expectWord();
    on[message.type](message);
  });
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      const during = running === '' || running === file ? [] : [`during “${running}”`];
      if (hung) addFailure(file ?? 'the end', during, `hangs: no news in ${options['hang-ms']} ms`);
      else if (file !== undefined || (code !== 0 && !hasFailures)) {
        addFailure(
          file ?? 'the end',
          during,
          `the process ended: ${signal ?? `exit status ${code}`}`,
        );
      }
      // Whatever ended this process, the files it did not get to are run.
      resolve(queue.length > 0 ? runProcess() : undefined);
    });
  });
}

const processes = Math.min(availableParallelism(), queue.length);
await Promise.all(Array.from({ length: processes }, runProcess));

tests.sort((a, b) => b.durationMs - a.durationMs);
for (const { title, durationMs } of tests.slice(0, Number(options.slowest))) {
  console.log(`# ${durationMs.toFixed(0)} ms: ${title}`);
}
for (const { title, text } of failures) console.log(`\n✖ ${title}\n${text.replace(/^/gm, '  ')}`);
console.log(failures.length > 0 ? '' : '# no failure');
// What ends a process, hangs or fails beside the tests is a failure like theirs.
const totals = { ...counts, fail: failures.length };
console.log(`# tests ${Object.values(totals).reduce((sum, count) => sum + count)}`);
for (const [name, count] of Object.entries(totals)) console.log(`# ${name} ${count}`);
console.log(`# duration_ms ${(performance.now() - startedMs).toFixed(0)}`);
process.exit(failures.length > 0 ? 1 : 0);
