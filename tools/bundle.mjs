// Joins the modules of the `pintle` command, and the packages they use, into a few files in dist/bundle. Looking up, reading and
// linking some 1,500 small files is most of what a start costs, and `npm start` needs no other build. `bin/pintle` takes the
// bundle unless something was compiled since. See docs/adr/0006-bundle.md.
import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleWrittenMs, isBundleFresh } from '../bin/bundle-freshness.mjs';
import { bundledFolders, bundleEntries } from './bundle-entries.mjs';

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

/** When the newest of what the bundle is made of was written. */
function sourcesWrittenMs() {
  const sources = bundledFolders.flatMap((folder) =>
    readdirSync(path.join(repository, folder), { recursive: true })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(folder, file)),
  );
  const times = ['package-lock.json', 'tools/bundle.mjs', ...sources].map(
    (file) => statSync(path.join(repository, file)).mtimeMs,
  );
  return Math.max(...times);
}

if (isBundleFresh() && bundleWrittenMs() >= sourcesWrittenMs()) process.exit();
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
