import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Exec } from '../../machinery/exec/exec.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { pinSubPath } from './sub-path.js';

let root: string;
let volume: string;
/** What was mounted: the file the handle was open on at that moment, whatever the path has become. */
let mounted: string[];

const exec: Exec = (argv) => {
  const [command, flag, source = ''] = argv;
  assert.deepEqual([command, flag], ['mount', '--bind']);
  mounted.push(readlinkSync(source));
  return Promise.resolve({ stdout: '', stderr: '' });
};

/** A volume that its container can write, beside something of the host's. */
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'pintle-sub-path-')));
  volume = path.join(root, 'volume');
  mkdirSync(path.join(volume, 'a', 'b'), { recursive: true });
  mkdirSync(path.join(root, 'host'));
  writeFileSync(path.join(root, 'host', 'shadow'), 'secret');
  mounted = [];
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const pin = (
  subPath: string,
  more: { trusted?: boolean; readOnly?: boolean } = {},
): Promise<void> =>
  pinSubPath(exec, {
    volume,
    subPath,
    target: path.join(root, 'target'),
    trusted: false,
    readOnly: false,
    ...more,
  });

test('a subPath is mounted by what was opened, and made where it is missing', async () => {
  await pin('a/b');
  await pin('a/new/deep');
  assert.deepEqual(mounted, [path.join(volume, 'a', 'b'), path.join(volume, 'a', 'new', 'deep')]);
});

const links: readonly (readonly [name: string, make: () => void, subPath: string])[] = [
  [
    'is a link to the host',
    () => {
      symlinkSync('/etc', path.join(volume, 'out'));
    },
    'out',
  ],
  [
    'goes through a link to the host',
    () => {
      symlinkSync('../host', path.join(volume, 'out'));
    },
    'out/shadow',
  ],
  [
    'would be made behind a link',
    () => {
      symlinkSync('../host', path.join(volume, 'out'));
    },
    'out/new',
  ],
  [
    'is a link to a file',
    () => {
      symlinkSync('../host/shadow', path.join(volume, 'out'));
    },
    'out',
  ],
  [
    'is a link to nothing',
    () => {
      symlinkSync('../host/new', path.join(volume, 'out'));
    },
    'out',
  ],
  [
    'is a link within the volume',
    () => {
      symlinkSync('a', path.join(volume, 'out'));
    },
    'out/b',
  ],
];

for (const [name, make, subPath] of links) {
  test(`a subPath that ${name} is refused, and nothing made`, async () => {
    make();
    await assert.rejects(pin(subPath));
    assert.deepEqual(mounted, []);
    assert.deepEqual(readdirSync(path.join(root, 'host')), ['shadow']);
  });
}

for (const subPath of ['..', '../host', 'a/../../host', '/etc', 'a/b/../../../host']) {
  test(`the subPath ${subPath} is refused`, async () => {
    await assert.rejects(pin(subPath), /leads out of its volume/);
    assert.deepEqual(mounted, []);
  });
}

test('a subPath of a volume of ours follows its links, and no further', async () => {
  mkdirSync(path.join(volume, '..2026'));
  writeFileSync(path.join(volume, '..2026', 'key'), 'x');
  symlinkSync('..2026', path.join(volume, '..data'));
  symlinkSync('..data/key', path.join(volume, 'key'));
  await pin('key', { trusted: true });
  assert.deepEqual(mounted, [path.join(volume, '..2026', 'key')]);
  symlinkSync('..data/../../host/shadow', path.join(volume, 'other'));
  await assert.rejects(pin('other', { trusted: true }), /leads out of its volume/);
});

test('a subPath that changes to a link while it is opened leads nowhere else', async () => {
  const place = path.join(volume, 'x');
  const swaps = [
    (): void => {
      symlinkSync('../host', place);
    },
    (): void => {
      mkdirSync(place);
    },
  ];
  const swap = (turn: number): void => {
    try {
      rmSync(place, { recursive: true, force: true });
      swaps[turn % 2]?.();
    } catch (error) {
      // Folders may have been made meanwhile, as ones that were missing.
      assert.match((error as NodeJS.ErrnoException).code ?? '', /^(EEXIST|ENOTEMPTY)$/);
    }
  };
  const over = new AbortController();
  const container = (async () => {
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      swap(turn);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let attempt = 0; attempt < propertyRuns(15); attempt += 1) {
    rmSync(path.join(root, 'target'), { recursive: true, force: true });
    await pin('x/shadow').catch(() => undefined);
  }
  over.abort();
  await container;
  const elsewhere = mounted.filter((source) => !source.startsWith(`${volume}/`));
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(readdirSync(path.join(root, 'host')), ['shadow']);
});
