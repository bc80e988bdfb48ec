// Tells whether dist/bundle is as new as the modules it is made of; every project that compiles anew rewrites its .tsbuildinfo.
import { readdirSync, statSync } from 'node:fs';
import { URL } from 'node:url';

const dist = new URL('../dist/', import.meta.url);

const writtenMs = (file) =>
  statSync(new URL(file, dist), { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;

export function isBundleFresh() {
  const compiledMs = readdirSync(dist).map((part) => writtenMs(`${part}/tsconfig.tsbuildinfo`));
  return writtenMs('bundle/pintle.js') >= Math.max(...compiledMs);
}
