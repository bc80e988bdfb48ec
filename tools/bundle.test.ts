/** Modules that are started as programs of their own must be in the bundle, or only those who run from it would find out. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { besideTest } from '../testing/golden.js';

const repository = besideTest(import.meta.url, '..');

/** Modules that shipped code names by their place beside it. */
function programsBesideModules(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(repository, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.(test|lab)\.ts$/.test(file))
      .flatMap((file) => {
        const text = readFileSync(path.join(repository, folder, file), 'utf8');
        const found = text.matchAll(/new URL\('\.\/([^']+)', import\.meta\.url\)/g);
        return [...found].map(([, name = '']) =>
          path.join(folder, path.dirname(file), name.replace(/\.js$/, '.ts')),
        );
      }),
  );
}

test('bundle has every module that is started as a program of its own, under the name it is looked for', async () => {
  const { bundledFolders, bundleEntries } = (await import(
    pathToFileURL(path.join(repository, 'tools/bundle-entries.mjs')).href
  )) as {
    bundledFolders: readonly string[];
    bundleEntries: Record<string, string>;
  };
  const programs = programsBesideModules(bundledFolders);
  assert.ok(programs.length > 0);
  for (const program of programs) {
    assert.equal(bundleEntries[path.basename(program, '.ts')], program);
  }
});
