// Joins the compiled modules of the `pintle` command, and the packages they use, into a few files in dist/bundle. Looking up,
// reading and linking some 1,500 small files is most of what a start costs. `bin/pintle` takes the bundle while it is newer than
// what it was made of. See docs/adr/0006-bundle.md.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { isBundleFresh } from '../bin/bundle-freshness.mjs';
import { bundleEntries } from './bundle-entries.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/**
 * dockerode loads these for engines reached over ssh and for BuildKit, neither of which Pintle uses: a third of the agent's
 * code.
 */
const unusedByDockerode = {
  name: 'unused-by-dockerode',
  setup({ onResolve, onLoad }) {
    const filter = /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader)$/;
    onResolve({ filter }, ({ path: name, importer }) =>
      /node_modules\/docker(ode|-modem)\//.test(importer)
        ? { path: name, namespace: 'unused' }
        : undefined,
    );
    onLoad({ filter, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

if (isBundleFresh()) process.exit();
// The names of its files change with their content.
rmSync(path.join(repository, 'dist/bundle'), { recursive: true, force: true });
await build({
  absWorkingDir: repository,
  entryPoints: bundleEntries,
  outdir: 'dist/bundle',
  bundle: true,
  // What only one command needs stays in a file that only that command loads.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // What has native code finds it by its place in node_modules.
  external: ['lmdb', '*.node'],
  // Packages that are CommonJS call this for Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  plugins: [unusedByDockerode],
  logLevel: 'warning',
});
