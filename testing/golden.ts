/**
 * Golden files: expected output kept under `testdata/` beside the test, rewritten by `UPDATE_GOLDENS=1`.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path in the source tree of a file beside the test whose `import.meta.url` is given. */
export function besideTest(testUrl: string, relative: string): string {
  const folder = path.dirname(fileURLToPath(testUrl));
  return path.join(folder.replace(`${path.sep}dist${path.sep}`, path.sep), relative);
}

/** Compares text with `testdata/<name>` beside the test, or writes it there when UPDATE_GOLDENS is set. */
export function assertGolden(testUrl: string, name: string, actual: string): void {
  const file = besideTest(testUrl, path.join('testdata', name));
  if (process.env.UPDATE_GOLDENS === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  assert.equal(
    actual,
    readFileSync(file, 'utf8'),
    `differs from ${file}; UPDATE_GOLDENS=1 rewrites it`,
  );
}
