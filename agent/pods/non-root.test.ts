import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Pod, PodSpec } from '../../api/core/v1/types.js';
import { containerSpec } from './container-spec.js';
import { podPaths } from './pod-paths.js';

const nonRoot = { runAsNonRoot: true };

interface Case {
  readonly name: string;
  readonly own?: Container['securityContext'];
  readonly shared?: PodSpec['securityContext'];
  readonly imageUser: string;
  readonly refused?: RegExp;
}

const asRoot = /container has runAsNonRoot and image will run as root/;

const cases: readonly Case[] = [
  { name: 'an image that names nobody', own: nonRoot, imageUser: '', refused: asRoot },
  { name: 'an image of root', own: nonRoot, imageUser: '0', refused: asRoot },
  { name: 'an image of root and a group', own: nonRoot, imageUser: '0:1000', refused: asRoot },
  { name: 'an image of root with zeros', own: nonRoot, imageUser: '00', refused: asRoot },
  { name: 'an image of root, asked by the pod', shared: nonRoot, imageUser: '', refused: asRoot },
  { name: 'a name', own: nonRoot, imageUser: 'web', refused: /non-numeric user \(web\)/ },
  {
    name: 'root of its own',
    own: { ...nonRoot, runAsUser: 0 },
    imageUser: '1000',
    refused: /runAsUser breaks non-root policy/,
  },
  {
    name: 'root of the pod',
    own: nonRoot,
    shared: { runAsUser: 0 },
    imageUser: '1000',
    refused: /runAsUser breaks non-root policy/,
  },
  { name: 'another user', own: nonRoot, imageUser: '1000' },
  { name: 'another user than the image says', own: { ...nonRoot, runAsUser: 7 }, imageUser: '0' },
  {
    name: 'root that the pod minds and it does not',
    own: { runAsNonRoot: false },
    shared: nonRoot,
    imageUser: '0',
  },
];

for (const { name, own = {}, shared = {}, imageUser, refused } of cases) {
  test(`runAsNonRoot ${refused === undefined ? 'takes' : 'refuses'} ${name}, at every start`, () => {
    const container: Container = { name: 'c', image: 'i', securityContext: own };
    const pod = {
      metadata: { name: 'p', namespace: 'n', uid: 'u' },
      spec: { containers: [container], securityContext: shared },
      status: {},
    } as unknown as Pod;
    for (const attempt of [0, 1, 2]) {
      const make = (): unknown =>
        containerSpec({
          pod,
          podContainer: { role: 'main', container },
          attempt,
          sandboxId: 's',
          variables: new Map(),
          volumeMounts: [],
          paths: podPaths('/data', 'u'),
          imageUser,
          nodeMemoryBytes: 1e9,
          qosClass: 'BestEffort',
        });
      if (refused === undefined) make();
      else assert.throws(make, refused);
    }
  });
}
