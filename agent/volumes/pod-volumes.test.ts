import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { NodeVolumes } from './pod-volumes.js';
import type { VolumeSources } from './sources.js';

const volumes = new NodeVolumes({
  dataDir: '/data',
  sources: {} as VolumeSources,
  exec: () => Promise.reject(new Error('nothing to run')),
  clock: new FakeClock(),
  logger: silentLogger,
});

const podVolumes = [
  { name: 'map', configMap: { name: 'x' } },
  { name: 'secret', secret: { secretName: 'x' } },
  { name: 'downward', downwardAPI: {} },
  { name: 'token', projected: { sources: [] } },
  { name: 'empty', emptyDir: {} },
  { name: 'host', hostPath: { path: '/srv' } },
];

const podWith = (readOnly: boolean | undefined): Pod =>
  ({
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: {
      volumes: podVolumes,
      containers: [
        {
          name: 'c',
          image: 'i',
          volumeMounts: podVolumes.map(({ name }) => ({
            name,
            mountPath: `/${name}`,
            ...(readOnly === undefined ? {} : { readOnly }),
          })),
        },
      ],
    },
    status: {},
  }) as unknown as Pod;

const readOnlyMounts = async (readOnly: boolean | undefined): Promise<readonly string[]> => {
  const mounts = await volumes.mountsFor(podWith(readOnly), 'c', new Map());
  return mounts.filter((mount) => mount.readOnly).map(({ target }) => target.slice(1));
};

test('containers never write to files that the agent keeps up to date', async () => {
  const ours = ['map', 'secret', 'downward', 'token'];
  assert.deepEqual(await readOnlyMounts(undefined), ours);
  // A container could put links to the host there, which the agent would follow as root.
  assert.deepEqual(await readOnlyMounts(false), ours);
  assert.deepEqual(await readOnlyMounts(true), [...ours, 'empty', 'host']);
});

test('volumes that would run what a repository says are refused', async () => {
  const pod = {
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { volumes: [{ name: 'v', gitRepo: { repository: 'ext::sh -c id' } }], containers: [] },
  } as unknown as Pod;
  await assert.rejects(
    volumes.mount(pod),
    /volumes of kind gitRepo are not supported by this agent/,
  );
});
