// Tells whether dist/bundle is as new as the compiled modules; every project that compiles anew rewrites its .tsbuildinfo.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { URL } from 'node:url';

const dist = new URL('../dist/', import.meta.url);

const writtenMs = (file) =>
  statSync(new URL(file, dist), { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;

export const bundleWrittenMs = () => writtenMs('bundle/pintle.js');

/** False also when nothing was built at all. */
export function isBundleFresh() {
  if (!existsSync(dist)) return false;
  const compiledMs = readdirSync(dist).map((part) => writtenMs(`${part}/tsconfig.tsbuildinfo`));
  const bundleMs = bundleWrittenMs();
  return bundleMs > -Infinity && bundleMs >= Math.max(...compiledMs);
}
