/**
 * Test images made from Debian's static busybox, because no registry is reachable: `busybox`, and `web:v1` and `web:v2`, a
 * web server whose `/` answers with its version and host name. Built once a run as tar files, loaded into every engine.
 */
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemExec } from '../../machinery/exec/exec.js';
import type { Engine } from './engine.js';

interface TestImage {
  readonly name: string;
  readonly tar: string;
  /** Dockerfile instructions applied on import. */
  readonly changes: readonly string[];
}

/** `fetch HOST PORT [PATH]` prints the body; busybox-static's own wget crashes, as Debian builds it. */
const fetchScript = [
  '#!/bin/sh',
  `printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' "\${3:-/}" "$1" | nc -w 2 "$1" "$2" | sed '1,/^\\r$/d'`,
  '',
].join('\n');

const serve = (version: string): string =>
  [
    '#!/bin/sh',
    `echo "${version} $(hostname)" > /www/index.html`,
    `echo ok > /www/healthz`,
    'exec httpd -f -p "${PORT:-8080}" -h /www',
    '',
  ].join('\n');

function writeRoot(folder: string, files: Readonly<Record<string, string>>): void {
  for (const name of ['bin', 'tmp', 'www', 'etc'])
    mkdirSync(path.join(folder, name), { recursive: true });
  chmodSync(path.join(folder, 'tmp'), 0o1777);
  copyFileSync('/bin/busybox', path.join(folder, 'bin/busybox'));
  const applets = [
    'sh',
    'ls',
    'cat',
    'echo',
    'sleep',
    'hostname',
    'httpd',
    'wget',
    'nc',
    'nslookup',
    'ip',
    'ps',
    'id',
    'env',
    'kill',
    'true',
    'false',
    'touch',
    'rm',
    'tar',
    'test',
    'mkdir',
    'mount',
    'df',
    'date',
    'grep',
    'head',
    'seq',
    'stat',
    'readlink',
    'tail',
    'wc',
    'sed',
    'printf',
  ];
  for (const applet of applets) symlinkSync('busybox', path.join(folder, 'bin', applet));
  writeFileSync(path.join(folder, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  writeFileSync(path.join(folder, 'etc/group'), 'root:x:0:\n');
  for (const [name, text] of Object.entries({ 'bin/fetch': fetchScript, ...files })) {
    writeFileSync(path.join(folder, name), text, { mode: 0o755 });
  }
}

async function buildImage(
  folder: string,
  image: Omit<TestImage, 'tar'> & { readonly files: Readonly<Record<string, string>> },
): Promise<TestImage> {
  const root = path.join(folder, 'root');
  const tar = path.join(folder, `${image.name.replaceAll(':', '-')}.tar`);
  writeRoot(root, image.files);
  await systemExec(['tar', '-C', root, '-cf', tar, '.']);
  rmSync(root, { recursive: true });
  return { name: image.name, tar, changes: image.changes };
}

/** Writes the images' tar files into a folder. */
export async function buildTestImages(folder: string): Promise<readonly TestImage[]> {
  mkdirSync(folder, { recursive: true });
  const path_ = 'ENV PATH=/bin';
  const web = (version: string) => ({
    name: `web:${version}`,
    files: { 'bin/serve': serve(version) },
    changes: [path_, 'CMD ["/bin/serve"]'],
  });
  const images: TestImage[] = [];
  for (const image of [
    { name: 'busybox:latest', files: {}, changes: [path_, 'CMD ["sh"]'] },
    web('v1'),
    web('v2'),
  ]) {
    images.push(await buildImage(folder, image));
  }
  return images;
}

/** Loads the images into an engine. */
export async function loadImages(engine: Engine, images: readonly TestImage[]): Promise<void> {
  for (const image of images) {
    const changes = image.changes.flatMap((change) => ['--change', change]);
    await engine.docker(['import', ...changes, image.tar, image.name]);
  }
}
