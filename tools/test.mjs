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
run(['npm', 'run', '--silent', 'check']);
if (process.getuid() !== 0) fail('the lab tests need root. Run: sudo npm test');
ensureSystemPackages({ ...nodePackages, ...testPackages });
run([process.execPath, 'dist/test/lab/run.js']);
