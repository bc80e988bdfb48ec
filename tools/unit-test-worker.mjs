// One process of tools/run-unit-tests.mjs. Takes paths of test files from its parent, one at a time, runs the tests of each as one
// suite, and tells its parent what became of them. It is its own reporter: Node imports this module for its default export.
import { AssertionError } from 'node:assert';
import { beforeEach, describe } from 'node:test';
import { setTimeout } from 'node:timers';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

/** How long what the tests left open may keep this process alive once it has no more tests to run. */
const leftoverMs = Number(process.argv[2]);

/** After which files more sockets, timers or processes were open than before: whose tests forgot to close something. */
const suspects = [];
let openBefore = process.getActiveResourcesInfo().length;

process.on('message', ({ file }) => {
  if (file !== undefined) {
    describe(file, () => {
      // The events of the reporter come too late to name a test that never gives the processor back.
      beforeEach(({ name }) => send({ type: 'began', name }));
      return import(pathToFileURL(file).href);
    });
    return;
  }
  process.disconnect();
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout');
    console.error(
      `Still open after the last test: ${open.join(', ') || 'timers'}. One of these tests forgot to close it:\n  ${suspects.join('\n  ')}`,
    );
    process.exit(1);
  }, leftoverMs).unref();
});

const send = (message) => {
  if (process.connected) process.send(message);
};

/** Names of the suites and tests around the one being reported, outermost (the file) first. */
const path = [];

function reportEnd({ nesting, details, skip, todo }, failed) {
  const isSuite = details.type === 'suite';
  const [, ...names] = path.slice(0, nesting + 1);
  const error = details.error;
  if (failed && error?.failureType !== 'subtestsFailed') {
    const cause = error?.cause ?? error;
    // The message of a failed assertion shows the difference; its properties would show everything again.
    const text = cause instanceof AssertionError ? cause.stack : inspect(cause);
    send({ type: 'failure', names, text });
  }
  if (!isSuite) {
    const outcome = skip !== undefined ? 'skip' : todo !== undefined ? 'todo' : undefined;
    send({
      type: 'test',
      names,
      outcome: outcome ?? (failed ? 'fail' : 'pass'),
      durationMs: details.duration_ms,
    });
  }
  if (nesting > 0) return;
  const open = process.getActiveResourcesInfo().length;
  if (open > openBefore) suspects.push(path[0]);
  openBefore = open;
  send({ type: 'done', durationMs: details.duration_ms });
}

export default async function* reporter(events) {
  for await (const { type, data } of events) {
    if (type === 'test:start') path[data.nesting] = data.name;
    else if (type === 'test:pass') reportEnd(data, false);
    else if (type === 'test:fail') reportEnd(data, true);
    else if (type === 'test:diagnostic' && /^(Warning|Error)/.test(data.message)) {
      send({ type: 'failure', names: [], text: data.message });
    }
  }
  yield '';
}

send({ type: 'ready' });
