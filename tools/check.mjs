// `npm run check`: the gate before a commit. Linting takes as long as all the rest together, and one core: they go side by side.
// A lane ends at its first failure, because what follows builds on it; the other one goes on, so that one run tells of both.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';

const lanes = [['lint'], ['format:check', 'build', 'boundaries', 'test:unit']];

/** Runs one script of package.json and shows what it said once it has ended; resolves with whether it passed. */
async function run(script) {
  const startedMs = performance.now();
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [status]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'exit'),
  ]);
  process.stdout.write(output);
  process.stderr.write(errors);
  const outcome = status === 0 ? 'passed' : 'FAILED';
  console.log(`${script}: ${outcome} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return status === 0;
}

async function runLane(scripts) {
  for (const script of scripts) if (!(await run(script))) return false;
  return true;
}

const passed = await Promise.all(lanes.map(runLane));
process.exit(passed.every(Boolean) ? 0 : 1);
