import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Level } from './levels.js';
import { violationsOf } from './levels.js';
import type { SecuredPod } from './check.js';

/** Containers `a`, `b`, … with these security contexts. */
const contexts = (...list: readonly object[]): object => ({
  containers: list.map((securityContext, at) => ({
    name: String.fromCharCode('a'.charCodeAt(0) + at),
    securityContext,
  })),
});

/** A container that nothing is wrong with. */
const hardened = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const hardenedWith = (more: object): object => ({ ...hardened, ...more });

interface Case {
  readonly what: string;
  readonly level: Level;
  readonly version?: string;
  readonly spec: object;
  readonly annotations?: Readonly<Record<string, string>>;
  /** `reason: detail`. */
  readonly violations: readonly string[];
}

const unmasked = contexts(hardenedWith({ procMount: 'Unmasked' }));
const unmaskedText =
  'procMount: container "a" must not set securityContext.procMount to "Unmasked"';
const asRoot = {
  ...contexts(hardenedWith({ runAsNonRoot: false, runAsUser: 0 })),
  hostUsers: false,
};
const asRootTexts = [
  'runAsNonRoot != true: container "a" must not set securityContext.runAsNonRoot=false',
  'runAsUser=0: container "a" must not set runAsUser=0',
];
const withVolumes = (...volumes: readonly object[]): object => ({
  ...contexts(hardened),
  volumes: volumes.map((source, at) => ({ name: `v${String(at)}`, ...source })),
});
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';
const seccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';
const unconfined = { securityContext: { seccompProfile: { type: 'Unconfined' } }, ...contexts({}) };

const cases: readonly Case[] = [
  {
    what: 'unmasked process information',
    level: 'baseline',
    spec: { ...unmasked, hostUsers: true },
    violations: [unmaskedText],
  },
  {
    what: 'unmasked process information in a user namespace',
    level: 'baseline',
    spec: { ...unmasked, hostUsers: false },
    violations: [],
  },
  {
    what: 'unmasked process information in a user namespace before 1.35',
    level: 'baseline',
    version: 'v1.34',
    spec: { ...unmasked, hostUsers: false },
    violations: [unmaskedText],
  },
  {
    what: 'unmasked process information in a user namespace, held to more',
    level: 'restricted',
    spec: { ...unmasked, hostUsers: false },
    violations: [unmaskedText],
  },
  {
    what: 'unmasked process information held to the older standard',
    level: 'restricted',
    version: 'v1.34',
    spec: unmasked,
    violations: [unmaskedText],
  },
  { what: 'root in a user namespace', level: 'restricted', spec: asRoot, violations: [] },
  {
    what: 'root in a user namespace before 1.35',
    level: 'restricted',
    version: 'v1.34',
    spec: asRoot,
    violations: asRootTexts,
  },
  {
    what: 'root among others',
    level: 'restricted',
    spec: { ...asRoot, hostUsers: true },
    violations: asRootTexts,
  },
  {
    what: 'volumes of any kind that is allowed',
    level: 'restricted',
    spec: withVolumes(
      { emptyDir: {} },
      { secret: {} },
      { persistentVolumeClaim: {} },
      { downwardAPI: {} },
      { configMap: {} },
      { projected: {} },
      { csi: {} },
      { ephemeral: {} },
      { image: {} },
    ),
    violations: [],
  },
  {
    what: 'a directory of the node, which is told once',
    level: 'restricted',
    spec: withVolumes({ hostPath: { path: '/' } }, { nfs: {}, configMap: undefined }),
    violations: [
      'restricted volume types: volumes "v0", "v1" use restricted volume types "hostPath", "nfs"',
    ],
  },
  {
    what: 'annotations of AppArmor and a field',
    level: 'baseline',
    spec: contexts({ appArmorProfile: { type: 'Unconfined' } }),
    annotations: {
      [appArmor]: 'bogus',
      [`${appArmor}a`]: '',
      [`${appArmor}b`]: 'runtime/default',
      [`${appArmor}c`]: 'localhost/x',
      [`${appArmor}d`]: 'unconfined',
    },
    violations: [
      `forbidden AppArmor profiles: container "a" and annotations must not set AppArmor profile type to "Unconfined", "${appArmor}="bogus"", "${appArmor}d="unconfined""`,
    ],
  },
  {
    what: 'seccomp annotations, of the older standard',
    level: 'baseline',
    version: 'v1.18',
    spec: unconfined,
    annotations: {
      [seccomp]: 'unconfined',
      [`${containerSeccomp}a`]: 'unknown',
      [`${containerSeccomp}other`]: 'unconfined',
    },
    violations: [
      `seccompProfile: forbidden annotations ${containerSeccomp}a="unknown", ${seccomp}="unconfined"`,
    ],
  },
  {
    what: 'seccomp annotations that confine',
    level: 'baseline',
    version: 'v1.0',
    spec: contexts({}),
    annotations: { [seccomp]: 'docker/default', [`${containerSeccomp}a`]: 'localhost/x' },
    violations: [],
  },
  {
    what: 'seccomp fields, since there are any',
    level: 'baseline',
    version: 'v1.19',
    spec: unconfined,
    annotations: { [seccomp]: 'unconfined' },
    violations: [
      'seccompProfile: pod must not set securityContext.seccompProfile.type to "Unconfined"',
    ],
  },
  {
    what: 'SELinux options of pod and containers',
    level: 'baseline',
    spec: {
      securityContext: { seLinuxOptions: { type: 'foo', user: 'bar', role: 'baz' } },
      ...contexts(
        { seLinuxOptions: { type: 'container_engine_t' } },
        { seLinuxOptions: { type: 'bar' } },
        { seLinuxOptions: { role: 'baz' } },
      ),
    },
    violations: [
      'seLinuxOptions: pod and containers "b", "c" set forbidden securityContext.seLinuxOptions: types "bar", "foo"; user may not be set; role may not be set',
    ],
  },
  {
    what: 'ports of the node',
    level: 'baseline',
    spec: {
      containers: [
        { name: 'a', ports: [{ hostPort: 0 }] },
        { name: 'b', ports: [{ hostPort: 10 }, { hostPort: 20 }] },
        { name: 'c', ports: [{ hostPort: 10 }, { hostPort: 30 }] },
      ],
    },
    violations: ['hostPort: containers "b", "c" use hostPorts 10, 20, 30'],
  },
  {
    what: 'capabilities kept and added',
    level: 'restricted',
    spec: contexts(
      hardenedWith({ capabilities: { add: ['FOO', 'BAR'] } }),
      hardenedWith({ capabilities: { add: ['NET_BIND_SERVICE', 'CHOWN'], drop: ['ALL'] } }),
    ),
    violations: [
      'unrestricted capabilities: container "a" must set securityContext.capabilities.drop=["ALL"]; containers "a", "b" must not include "BAR", "CHOWN", "FOO" in securityContext.capabilities.add',
    ],
  },
];

for (const { what, level, version = 'latest', spec, annotations = {}, violations } of cases) {
  test(`${level} of ${version} looks at ${what}`, () => {
    const pod = { metadata: { annotations }, spec } as unknown as SecuredPod;
    const found = violationsOf(pod, { level, version });
    assert.deepEqual(
      found.map(({ reason, detail }) => `${reason}: ${detail}`),
      violations,
    );
  });
}
