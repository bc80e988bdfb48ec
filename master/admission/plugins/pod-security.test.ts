import assert from 'node:assert/strict';
import test from 'node:test';
import type { Pod } from '../../../api/core/v1/types.js';
import { podWith, readerOf, refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import type { Held } from '../fixtures.test.js';
import { standardAdmissionSettings } from '../configuration.js';
import type { PodSecuritySettings } from '../configuration.js';
import { maxPodsChecked } from '../limits.js';
import { violationsOf } from '../pod-security/levels.js';
import { podSecurity } from './pod-security.js';

type Spec = Partial<Pod['spec']>;
type Context = NonNullable<Pod['spec']['containers'][number]['securityContext']>;

const standard = standardAdmissionSettings.podSecurity;
const inNamespace = (labels: object, ...others: Held[]) => configured(standard, labels, ...others);

const configured = (settings: PodSecuritySettings, labels: object, ...others: Held[]) =>
  podSecurity(
    readerOf([
      { group: '', plural: 'namespaces', object: { metadata: { name: 'n', labels } } },
      ...others,
    ]),
    settings,
  );

const label = (mode: string, level: string, version?: string) => ({
  [`pod-security.kubernetes.io/${mode}`]: level,
  ...(version === undefined ? {} : { [`pod-security.kubernetes.io/${mode}-version`]: version }),
});

const hardened: Context = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

const withContext = (securityContext: Context): Spec => ({
  containers: [{ name: 'c', image: 'x', securityContext }],
});

test('a plain pod violates the restricted standard in Kubernetes’ words', async () => {
  const plugin = inNamespace(label('enforce', 'restricted'));
  assert.equal(
    await refusalOf(plugin, requestOf({ object: podWith() })),
    'pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  );
  const object = podWith(withContext(hardened));
  assert.equal(await refusalOf(plugin, requestOf({ object })), undefined);
});

const text = (spec: Spec, level: 'baseline' | 'restricted', version = 'latest', metadata = {}) =>
  violationsOf(podWith(spec, metadata), { level, version }).map(
    ({ reason, detail }) => `${reason}: ${detail}`,
  );

test('each baseline check finds what it is about', () => {
  const cases: readonly (readonly [Spec, string])[] = [
    [{ hostNetwork: true, hostPID: true }, 'host namespaces: hostNetwork=true, hostPID=true'],
    [{ volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'hostPath volumes: volume "v"'],
    [
      { containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80 }] }] },
      'hostPort: container "c" uses hostPort 80',
    ],
    [
      withContext({ privileged: true }),
      'privileged: container "c" must not set securityContext.privileged=true',
    ],
    [
      withContext({ capabilities: { add: ['NET_RAW', 'SYS_ADMIN', 'CHOWN'] } }),
      'non-default capabilities: container "c" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add',
    ],
    [
      withContext({ procMount: 'Unmasked' }),
      'procMount: container "c" must not set securityContext.procMount to "Unmasked"',
    ],
    [
      { securityContext: { seccompProfile: { type: 'Unconfined' } } },
      'seccompProfile: pod must not set securityContext.seccompProfile.type to "Unconfined"',
    ],
    [
      { securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } } },
      'seLinuxOptions: pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set',
    ],
    [
      { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
      'forbidden sysctls: kernel.msgmax',
    ],
    [
      withContext({ windowsOptions: { hostProcess: true } }),
      'hostProcess: container "c" must not set securityContext.windowsOptions.hostProcess=true',
    ],
    [
      withContext({ appArmorProfile: { type: 'Unconfined' } }),
      'forbidden AppArmor profile: container "c" must not set AppArmor profile type to "Unconfined"',
    ],
    [
      { containers: [{ name: 'c', livenessProbe: { httpGet: { port: 1, host: '1.2.3.4' } } }] },
      'probe or lifecycle host: container "c" uses probe or lifecycle host "1.2.3.4"',
    ],
  ];
  for (const [spec, expected] of cases) assert.deepEqual(text(spec, 'baseline'), [expected]);
});

test('the annotations of AppArmor count too', () => {
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' };
  assert.deepEqual(text({}, 'baseline', 'latest', { annotations }), [
    'forbidden AppArmor profile: annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/c="unconfined""',
  ]);
});

test('each restricted check finds what it is about', () => {
  const cases: readonly (readonly [Spec, string])[] = [
    [
      withContext({ ...hardened, runAsUser: 0 }),
      'runAsUser=0: container "c" must not set runAsUser=0',
    ],
    [
      withContext({ ...hardened, runAsNonRoot: false }),
      'runAsNonRoot != true: container "c" must not set securityContext.runAsNonRoot=false',
    ],
    [
      { ...withContext(hardened), volumes: [{ name: 'v', nfs: { path: '/', server: 's' } }] },
      'restricted volume types: volume "v" uses restricted volume type "nfs"',
    ],
    [
      withContext({ ...hardened, capabilities: { drop: ['ALL'], add: ['CHOWN'] } }),
      'unrestricted capabilities: container "c" must not include "CHOWN" in securityContext.capabilities.add',
    ],
  ];
  for (const [spec, expected] of cases) assert.deepEqual(text(spec, 'restricted'), [expected]);
});

test('a version of the standard asks for what was in it', () => {
  const reserved = {
    securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports', value: '1' }] },
  };
  assert.equal(text(reserved, 'baseline', 'v1.26').length, 1);
  assert.equal(text(reserved, 'baseline', 'v1.27').length, 0);
  assert.deepEqual(
    text({}, 'restricted', 'v1.18').map((violation) => violation.split(':')[0]),
    ['allowPrivilegeEscalation != false', 'runAsNonRoot != true'],
  );
  const windows: Spec = { os: { name: 'windows' }, securityContext: { runAsNonRoot: true } };
  assert.deepEqual(text(windows, 'restricted'), []);
});

test('workloads are warned of and never refused; enforcing warns too', async () => {
  const plugin = inNamespace(label('enforce', 'baseline'));
  const warnings: string[] = [];
  const object = {
    metadata: { name: 'd' },
    spec: { template: { spec: { containers: [{ name: 'c' }], hostNetwork: true } } },
  };
  const resource = resourceNamed('apps', 'deployments');
  const attributes = requestOf({
    resource,
    object,
    warn: (message) => void warnings.push(message),
  });
  assert.equal(await refusalOf(plugin, attributes), undefined);
  assert.deepEqual(warnings, [
    'would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
  ]);
});

test('auditing and warning stand beside enforcing', async () => {
  const plugin = inNamespace({
    ...label('enforce', 'baseline'),
    ...label('audit', 'restricted', 'v1.18'),
    ...label('warn', 'privileged'),
  });
  const facts: [string, string][] = [];
  const warnings: string[] = [];
  const attributes = requestOf({
    object: podWith(),
    audit: (key, value) => void facts.push([key, value]),
    warn: (message) => void warnings.push(message),
  });
  assert.equal(await refusalOf(plugin, attributes), undefined);
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    facts.map(([key]) => key),
    ['pod-security.kubernetes.io/enforce-policy', 'pod-security.kubernetes.io/audit-violations'],
  );
  assert.match(facts[1]?.[1] ?? '', /^would violate PodSecurity "restricted:v1.18": /);
});

test('a namespace’s labels have to be right, and its pods are looked at when they change', async () => {
  const resource = resourceNamed('', 'namespaces', 'Cluster');
  const namespace = (labels: object) => ({ metadata: { name: 'n', labels } });
  const plugin = inNamespace(
    {},
    { group: '', plural: 'pods', object: podWith({ hostNetwork: true }, { name: 'a' }) },
    { group: '', plural: 'pods', object: podWith({ hostNetwork: true }, { name: 'b' }) },
    { group: '', plural: 'pods', object: podWith({}, { name: 'fine' }) },
  );
  const wrong = requestOf({ resource, object: namespace(label('enforce', 'strict', '1.2')) });
  assert.match(
    (await refusalOf(plugin, wrong)) ?? '',
    /metadata.labels\[pod-security.kubernetes.io\/enforce\]: Invalid value: "strict": must be one of privileged, baseline, restricted, .*must be "latest" or "v1.x"/,
  );
  const warnings: string[] = [];
  const raised = requestOf({
    resource,
    operation: 'UPDATE',
    object: namespace(label('enforce', 'baseline')),
    stored: namespace({}),
    warn: (message) => void warnings.push(message),
  });
  assert.equal(await refusalOf(plugin, raised), undefined);
  assert.deepEqual(warnings, [
    'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 1 other pod): host namespaces',
  ]);
});

const namespaceResource = resourceNamed('', 'namespaces', 'Cluster');

/** The warnings where the namespace `n` comes to have labels, from none. */
async function warningsOf(
  plugin: ReturnType<typeof podSecurity>,
  labels: object,
  operation: 'CREATE' | 'UPDATE' = 'UPDATE',
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const attributes = requestOf({
    resource: namespaceResource,
    operation,
    object: { metadata: { name: 'n', labels } },
    ...(operation === 'CREATE' ? {} : { stored: { metadata: { name: 'n' } } }),
    warn: (message) => void warnings.push(message),
  });
  assert.equal(await refusalOf(plugin, attributes), undefined);
  return warnings;
}

const ownedBy = (uid: string) => ({
  ownerReferences: [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid, controller: true },
  ],
});
const heldPod = (name: string, spec: Spec, metadata: object = {}): Held => ({
  group: '',
  plural: 'pods',
  object: podWith(spec, { name, ...metadata }),
});

test('all pods that violate a new level are counted, those of one owner too', async () => {
  const plugin = inNamespace(
    {},
    heldPod('c', { hostNetwork: true }, ownedBy('1')),
    heldPod('b', { hostNetwork: true }, ownedBy('1')),
    heldPod('a', { hostNetwork: true }, ownedBy('2')),
    heldPod('d', { hostPID: true, hostNetwork: true, ...withContext({ privileged: true }) }),
  );
  assert.deepEqual(await warningsOf(plugin, label('enforce', 'baseline')), [
    'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 2 other pods): host namespaces',
    'd: host namespaces, privileged',
  ]);
});

test('where a namespace has too many pods, one of each owner is looked at first', async () => {
  const many = Array.from({ length: maxPodsChecked }, (_, at) =>
    heldPod(`p${String(at)}`, {}, ownedBy('1')),
  );
  const plugin = inNamespace({}, ...many, heldPod('z', { hostNetwork: true }, ownedBy('2')));
  const [count, what, which] = await warningsOf(plugin, label('enforce', 'baseline'));
  const [checked, total] = [String(maxPodsChecked), String(maxPodsChecked + 1)];
  assert.equal(
    count,
    `new PodSecurity enforce level only checked against the first ${checked} of ${total} existing pods`,
  );
  assert.match(what ?? '', /^existing pods in namespace "n" violate/);
  assert.equal(which, 'z: host namespaces');
});

test('labels of a namespace that is exempt are said to have no effect', async () => {
  const exempt = (more: object = {}): PodSecuritySettings => ({
    ...standard,
    exemptions: { ...standard.exemptions, ...more },
  });
  const plugin = configured(exempt({ namespaces: ['n'] }), {}, heldPod('p', { hostNetwork: true }));
  const ignored = (policy: string) => [
    `namespace "n" is exempt from Pod Security, and the policy (${policy}) will be ignored`,
  ];
  const both = { ...label('enforce', 'baseline'), ...label('audit', 'restricted', 'v1.20') };
  const policy = 'enforce=baseline:latest, audit=restricted:v1.20';
  assert.deepEqual(await warningsOf(plugin, both, 'CREATE'), ignored(policy));
  assert.deepEqual(await warningsOf(plugin, both), ignored(policy));
  assert.deepEqual(await warningsOf(plugin, label('enforce', 'privileged'), 'CREATE'), []);
  assert.deepEqual(await warningsOf(plugin, {}, 'CREATE'), []);
  const kata = configured(
    exempt({ runtimeClasses: ['kata'] }),
    {},
    heldPod('p', { hostNetwork: true, runtimeClassName: 'kata' }),
  );
  assert.deepEqual(await warningsOf(kata, label('enforce', 'baseline')), []);
});

/** The facts that a new pod leaves in the audit record, whether it is let in or not. */
async function factsOf(labels: object, spec: Spec = {}): Promise<ReadonlyMap<string, string>> {
  const facts = new Map<string, string>();
  const audit = (key: string, value: string) => void facts.set(key, value);
  await refusalOf(inNamespace(labels), requestOf({ object: podWith(spec), audit }));
  return facts;
}

test('the audit record says which policy held, and what was violated also of a pod that was refused', async () => {
  const said = 'pod-security.kubernetes.io/';
  assert.equal((await factsOf({})).get(`${said}enforce-policy`), 'privileged:latest');
  const labels = { ...label('enforce', 'baseline'), ...label('audit', 'baseline', 'v1.20') };
  const refused = await factsOf(labels, { hostNetwork: true });
  assert.equal(refused.get(`${said}enforce-policy`), 'baseline:latest');
  assert.match(refused.get(`${said}audit-violations`) ?? '', /"baseline:v1.20": host namespaces/);
  const wrong = await factsOf(label('enforce', 'strict'));
  assert.equal(wrong.get(`${said}enforce-policy`), 'restricted:latest');
  assert.equal(
    wrong.get(`${said}error`),
    'Failed to parse policy: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
  );
});

const restricted = { level: 'restricted', version: 'latest' } as const;
const defaults = { ...standard.defaults, enforce: restricted };

test('a namespace without labels is held to the defaults of the configuration, another to its labels', async () => {
  const settings = { ...standard, defaults };
  const request = requestOf({ object: podWith() });
  assert.match((await refusalOf(configured(settings, {}), request)) ?? '', /restricted:latest/);
  const labelled = configured(settings, label('enforce', 'privileged'));
  assert.equal(await refusalOf(labelled, request), undefined);
});

for (const [what, exemptions, spec] of [
  ['of a namespace', { namespaces: ['n'] }, {}],
  ['of a user', { usernames: ['jane'] }, {}],
  ['of a runtime class', { runtimeClasses: ['kata'] }, { runtimeClassName: 'kata' }],
] as const) {
  test(`pods ${what} that is exempt are not looked at, and the audit record says so`, async () => {
    const settings = { defaults, exemptions: { ...standard.exemptions, ...exemptions } };
    const facts: string[] = [];
    const attributes = {
      ...requestOf({ object: podWith(spec) }),
      user: { username: 'jane', groups: [] },
      audit: (key: string, value: string) => facts.push(`${key}=${value}`),
    };
    assert.equal(await refusalOf(configured(settings, {}), attributes), undefined);
    assert.match(facts.join(), /^pod-security.kubernetes.io\/exempt=/);
  });
}
