import assert from 'node:assert/strict';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { ConfigMap, Pod, Secret, Volume } from '../../api/core/v1/types.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { type Payload, writePayload } from './atomic-writer.js';
import { ensureHostPath } from './host-path.js';
import { isProjected, project, referencesOf } from './projection.js';
import { VolumeError, type VolumeSources } from './sources.js';
import { pinSubPath, type SubPathOptions } from './sub-path.js';

const nowMs = Date.UTC(2026, 0, 1);
let folder: string;
let volume: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pintle-volumes-'));
  volume = path.join(folder, 'volume');
  await mkdir(volume);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const payloadOf = (files: Readonly<Record<string, string>>, mode = 0o644): Payload =>
  new Map(
    Object.entries(files).map(([name, text]) => [name, { content: Buffer.from(text), mode }]),
  );

const read = (name: string): Promise<string> => readFile(path.join(volume, name), 'utf8');
const visible = async (): Promise<readonly string[]> =>
  (await readdir(volume)).filter((name) => !name.startsWith('..')).sort();

test('atomic writer shows files through one link, with their modes', async () => {
  const payload = new Map([
    ...payloadOf({ plain: 'one', 'deep/er': 'two' }),
    ...payloadOf({ secret: 'three' }, 0o400),
  ]);
  await writePayload(volume, payload, { nowMs });
  assert.deepEqual(await visible(), ['deep', 'plain', 'secret']);
  assert.deepEqual([await read('plain'), await read('deep/er')], ['one', 'two']);
  assert.equal(await readlink(path.join(volume, 'plain')), '..data/plain');
  assert.equal((await stat(path.join(volume, 'secret'))).mode & 0o777, 0o400);
  assert.equal((await stat(path.join(volume, 'plain'))).mode & 0o777, 0o644);
});

test('atomic writer replaces files, removes those that are gone and what is stale', async () => {
  await writePayload(volume, payloadOf({ a: '1', b: '1', 'd/x': '1' }), { nowMs });
  await writePayload(volume, payloadOf({ a: '2', c: '2' }), { nowMs: nowMs + 1000 });
  assert.deepEqual(await visible(), ['a', 'c']);
  assert.equal(await read('a'), '2');
  const dated = (await readdir(volume)).filter((name) => name.startsWith('..20'));
  assert.deepEqual(dated, [await readlink(path.join(volume, '..data'))]);
});

test('atomic writer leaves alone what is up to date, and copes with two changes at one time', async () => {
  await writePayload(volume, payloadOf({ a: '1' }), { nowMs });
  const before = await readlink(path.join(volume, '..data'));
  await writePayload(volume, payloadOf({ a: '1' }), { nowMs: nowMs + 5000 });
  assert.equal(await readlink(path.join(volume, '..data')), before);
  await writePayload(volume, payloadOf({ a: '2' }), { nowMs });
  await writePayload(volume, payloadOf({ a: '3' }), { nowMs });
  assert.equal(await read('a'), '3');
});

test('atomic writer goes on where a crash has left half a change', async () => {
  await writePayload(volume, payloadOf({ a: '1' }), { nowMs });
  await mkdir(path.join(volume, '..2026_01_01_00_00_09.000'));
  await symlink('..nowhere', path.join(volume, '..data_tmp'));
  await writePayload(volume, payloadOf({ a: '2' }), { nowMs: nowMs + 9000 });
  assert.equal(await read('a'), '2');
});

test('atomic writer never lets a reader see half a change', async () => {
  const versionOf = (version: number): Payload =>
    payloadOf({ a: String(version), b: String(version), 'c/d': String(version) });
  await writePayload(volume, versionOf(0), { nowMs });
  const over = new AbortController();
  const reading = (async () => {
    let last = 0;
    let rounds = 0;
    while (!over.signal.aborted) {
      const data = await readlink(path.join(volume, '..data'));
      const files = ['a', 'b', 'c/d'].map((name) =>
        readFile(path.join(volume, data, name), 'utf8').catch(() => undefined),
      );
      const texts = (await Promise.all(files)).filter((text) => text !== undefined);
      assert.ok(new Set(texts).size <= 1, `mixed: ${texts.join()}`);
      const seen = Number(await read('a'));
      assert.ok(seen >= last, 'a file went back in time');
      last = seen;
      rounds += 1;
    }
    return rounds;
  })();
  const versions = propertyRuns(12);
  for (let version = 1; version <= versions; version += 1) {
    await writePayload(volume, versionOf(version), { nowMs: nowMs + version * 1000 });
  }
  over.abort();
  assert.ok((await reading) > 0);
  assert.equal(await read('c/d'), String(versions));
});

const metadata = (name: string) => ({
  name,
  namespace: 'shop',
  uid: `${name}-uid`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata('web'),
  spec: { containers: [] },
  status: {},
};

const settings: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata('settings'),
  data: { mode: 'fast', other: 'x' },
  binaryData: { blob: Buffer.from([0, 255]).toString('base64') },
};

const keys: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata('keys'),
  data: { token: Buffer.from('s3cret').toString('base64') },
};

const sources: VolumeSources = {
  configMap: (_namespace, name) => Promise.resolve(name === 'settings' ? settings : undefined),
  secret: (_namespace, name) => Promise.resolve(name === 'keys' ? keys : undefined),
  watch: () => () => undefined,
  token: (_pod, { audience = '' }) =>
    Promise.resolve({ token: `token for ${audience}`, expiresAtMs: nowMs + 1_000_000 }),
  fieldText: (_pod, fieldPath) => `field ${fieldPath}`,
  resourceText: (_pod, { resource }) => `resource ${resource}`,
};

const filesOf = async (source: Omit<Volume, 'name'>) => {
  const { payload, renewAtMs } = await project(pod, { name: 'v', ...source }, { sources, nowMs });
  const files = [...payload].map(([name, { content, mode }]) => [
    name,
    `${content.toString('latin1')} ${mode.toString(8)}`,
  ]);
  return { files: Object.fromEntries(files) as Record<string, string>, renewAtMs };
};

test('projection makes the files of every source', async () => {
  const cases: readonly (readonly [Omit<Volume, 'name'>, Record<string, string>])[] = [
    [
      { configMap: { name: 'settings' } },
      { mode: 'fast 644', other: 'x 644', blob: '\u0000\u00ff 644' },
    ],
    [
      { configMap: { name: 'settings', items: [{ key: 'mode', path: 'd/m', mode: 0o600 }] } },
      { 'd/m': 'fast 600' },
    ],
    [{ secret: { secretName: 'keys', defaultMode: 0o400 } }, { token: 's3cret 400' }],
    [{ secret: { secretName: 'gone', optional: true } }, {}],
    [
      { configMap: { name: 'settings', optional: true, items: [{ key: 'gone', path: 'gone' }] } },
      {},
    ],
    [
      {
        downwardAPI: {
          items: [
            { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
            { path: 'cpu', resourceFieldRef: { resource: 'limits.cpu' } },
          ],
        },
      },
      { name: 'field metadata.name 644', cpu: 'resource limits.cpu 644' },
    ],
  ];
  for (const [source, expected] of cases) {
    assert.ok(isProjected({ name: 'v', ...source }));
    assert.deepEqual((await filesOf(source)).files, expected);
  }
});

test('projection joins sources and renews tokens before they end', async () => {
  const volumeOf: Omit<Volume, 'name'> = {
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token', audience: 'api' } },
        { configMap: { name: 'settings', items: [{ key: 'mode', path: 'mode' }] } },
        { secret: { name: 'keys' } },
      ],
    },
  };
  const { files, renewAtMs } = await filesOf(volumeOf);
  // A later source wins over an earlier one of the same path.
  assert.deepEqual(files, { token: 's3cret 644', mode: 'fast 644' });
  assert.equal(renewAtMs, nowMs + 800_000);
  assert.deepEqual(
    referencesOf(pod, { name: 'v', ...volumeOf }).map(({ kind, name }) => `${kind}/${name}`),
    ['ConfigMap/settings', 'Secret/keys'],
  );
});

test('projection fails on what is missing', async () => {
  const cases: readonly (readonly [Omit<Volume, 'name'>, RegExp])[] = [
    [{ configMap: { name: 'gone' } }, /configmap "gone" not found/],
    [{ secret: { secretName: 'gone' } }, /secret "gone" not found/],
    [
      { secret: { secretName: 'keys', items: [{ key: 'no', path: 'p' }] } },
      /references non-existent secret key: no/,
    ],
  ];
  for (const [source, message] of cases) {
    await assert.rejects(filesOf(source), (error) => {
      assert.ok(error instanceof VolumeError);
      assert.match(error.message, message);
      return true;
    });
  }
});

/** Tells what a subPath would be mounted from, instead of mounting it. */
async function pinned(changes: Partial<SubPathOptions> & { readonly subPath: string }) {
  let source = '';
  const exec = async (argv: readonly string[]) => {
    assert.deepEqual(argv.slice(0, 2), ['mount', '--bind']);
    source = await readlink(argv[2] ?? '');
    return { stdout: '', stderr: '' };
  };
  const target = path.join(folder, 'pins', '0');
  await pinSubPath(exec, { volume, target, trusted: false, readOnly: false, ...changes });
  return { source: path.relative(volume, source), isFile: (await stat(target)).isFile() };
}

test('subPath finds what is in the volume and makes missing directories', async () => {
  await mkdir(path.join(volume, 'a/b'), { recursive: true });
  await writeFile(path.join(volume, 'a/file'), 'text');
  assert.deepEqual(await pinned({ subPath: 'a/b' }), { source: 'a/b', isFile: false });
  assert.deepEqual(await pinned({ subPath: './new//deep' }), { source: 'new/deep', isFile: false });
  await rm(path.join(folder, 'pins'), { recursive: true });
  assert.deepEqual(await pinned({ subPath: 'a/file' }), { source: 'a/file', isFile: true });
});

test('subPath cannot leave its volume by name or by link', async () => {
  await mkdir(path.join(folder, 'outside/dir'), { recursive: true });
  await mkdir(path.join(volume, 'inside'));
  await symlink(path.join(folder, 'outside'), path.join(volume, 'absolute'));
  await symlink('../outside', path.join(volume, 'relative'));
  await symlink('inside', path.join(volume, 'harmless'));
  const escapes = [
    '..',
    '../outside',
    'a/../../outside',
    '/etc',
    'absolute',
    'absolute/dir',
    'absolute/new',
    'relative/dir',
    'harmless/x',
  ];
  for (const subPath of escapes) {
    await assert.rejects(pinned({ subPath }), subPath);
    // Links are followed where we wrote them; what they say is read as a path within the volume all the same.
    const found = await pinned({ subPath, trusted: true }).catch(() => undefined);
    assert.equal(found?.source.startsWith('..') ?? false, false, subPath);
    await rm(path.join(folder, 'pins'), { recursive: true, force: true });
  }
  assert.deepEqual(await readdir(path.join(folder, 'outside')), ['dir']);
});

test('subPath of a projected volume follows the writer’s own links', async () => {
  await writePayload(volume, payloadOf({ conf: 'one', 'd/x': 'two' }), { nowMs });
  const data = await readlink(path.join(volume, '..data'));
  const file = await pinned({ subPath: 'conf', trusted: true });
  assert.deepEqual(file, { source: `${data}/conf`, isFile: true });
  assert.equal((await pinned({ subPath: 'd/x', trusted: true })).source, `${data}/d/x`);
});

test('hostPath is checked by its type and made where that asks for it', async () => {
  const at = (name: string): string => path.join(folder, name);
  await writeFile(at('file'), 'text');
  await ensureHostPath({ path: at('file'), type: 'File' });
  await ensureHostPath({ path: folder, type: 'Directory' });
  await ensureHostPath({ path: '/dev/null', type: 'CharDevice' });
  await ensureHostPath({ path: at('made/dir'), type: 'DirectoryOrCreate' });
  await ensureHostPath({ path: at('made/file'), type: 'FileOrCreate' });
  await ensureHostPath({ path: at('plain') });
  assert.ok((await stat(at('made/dir'))).isDirectory());
  assert.ok((await stat(at('made/file'))).isFile());
  assert.ok((await stat(at('plain'))).isDirectory());
  const wrong = [
    ['gone', 'Directory'],
    ['gone', 'File'],
    ['file', 'Directory'],
    ['file', 'DirectoryOrCreate'],
    ['made/dir', 'FileOrCreate'],
    ['file', 'Socket'],
    ['file', 'BlockDevice'],
  ] as const;
  for (const [name, type] of wrong) {
    const check = ensureHostPath({ path: at(name), type });
    await assert.rejects(check, VolumeError, `${name} as ${type}`);
  }
  await ensureHostPath({ path: at('file'), type: 'FileOrCreate' });
  assert.equal(await readFile(at('file'), 'utf8'), 'text');
});
