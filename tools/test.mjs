// `npm test`: everything. The gate first (format, types, lint, boundaries, unit), then the lab with real engines and stock clients.
import {
  ensureNpmPackages,
  ensureSystemPackages,
  fail,
  nodePackages,
  run,
  testPackages,
} from './bootstrap.mjs';

ensureNpmPackages();
// Nobody waits for this as for the gate alone: properties are tried on more cases.
run(['npm', 'run', '--silent', 'check'], { env: { ...process.env, PINTLE_PROPERTY_RUNS: '10' } });
if (process.getuid() !== 0) fail('the lab tests need root. Run: sudo npm test');
ensureSystemPackages({ ...nodePackages, ...testPackages });
run([process.execPath, 'dist/test/lab/run.js']);
