import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubeObject } from '../../../meta/v1/types.js';
import { amountsText, exceededNames, maskAmounts, subtractAmounts } from './amounts.js';
import { podConstraint } from './pod-usage.js';
import { evaluatorOf, evaluatorsFor, isInScope, usedOf } from './usage.js';
import type { QuotaShape } from './usage.js';

const pod = (requests: object, limits: object, more: object = {}, status: object = {}) =>
  ({
    metadata: { name: 'p', namespace: 'n' },
    spec: { containers: [{ name: 'c', resources: { requests, limits } }], ...more },
    status,
  }) as unknown as KubeObject & Parameters<typeof podConstraint>[0];

const usage = (group: string, plural: string, object: object): string =>
  amountsText(evaluatorOf(group, plural).usage(object as KubeObject, 0));

test('pods count by number and by what they ask for until they end', () => {
  const running = pod({ cpu: '100m', memory: '1Gi', 'example.com/gpu': '2' }, { cpu: '1' });
  assert.equal(
    usage('', 'pods', running),
    'count/pods=1,cpu=100m,limits.cpu=1,memory=1Gi,pods=1,requests.cpu=100m,requests.example.com/gpu=2,requests.memory=1Gi',
  );
  const ended = pod({ cpu: '1' }, {}, {}, { phase: 'Succeeded' });
  assert.equal(usage('', 'pods', ended), 'count/pods=1');
});

test('services, claims and everything else count by their content and number', () => {
  const claim = {
    metadata: { name: 'c' },
    spec: { storageClassName: 'gold', resources: { requests: { storage: '2Gi' } } },
  };
  const cases = [
    [
      '',
      'services',
      { metadata: {}, spec: { type: 'NodePort', ports: [{}, {}] } },
      'services.nodeports=2',
    ],
    [
      '',
      'services',
      { metadata: {}, spec: { type: 'LoadBalancer', ports: [{}] } },
      'services.loadbalancers=1',
    ],
    ['', 'persistentvolumeclaims', claim, 'requests.storage=2Gi'],
    ['', 'persistentvolumeclaims', claim, 'gold.storageclass.storage.k8s.io/requests.storage=2Gi'],
    ['', 'configmaps', { metadata: {} }, 'configmaps=1,count/configmaps=1'],
    ['apps', 'deployments', { metadata: {} }, 'count/deployments.apps=1'],
  ] as const;
  for (const [group, plural, object, part] of cases) {
    assert.ok(
      usage(group, plural, object).includes(part),
      `${usage(group, plural, object)} lacks ${part}`,
    );
  }
});

const quota = (spec: NonNullable<QuotaShape['spec']>): QuotaShape =>
  ({ metadata: { name: 'q', namespace: 'n' }, spec }) as unknown as QuotaShape;

test('scopes choose the pods a quota is about', () => {
  const plain = pod({ cpu: '1' }, {});
  const cases: readonly (readonly [NonNullable<QuotaShape['spec']>, KubeObject, boolean])[] = [
    [{ scopes: ['BestEffort'] }, plain, false],
    [{ scopes: ['BestEffort'] }, pod({}, {}), true],
    [{ scopes: ['NotBestEffort', 'NotTerminating'] }, plain, true],
    [{ scopes: ['Terminating'] }, pod({}, {}, { activeDeadlineSeconds: 5 }), true],
    [
      {
        scopeSelector: {
          matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }],
        },
      },
      pod({}, {}, { priorityClassName: 'high' }),
      true,
    ],
    [
      {
        scopeSelector: {
          matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }],
        },
      },
      pod({}, {}, { priorityClassName: 'high' }),
      false,
    ],
    [{ scopes: ['PriorityClass'] }, plain, false],
  ];
  for (const [spec, object, expected] of cases) {
    assert.equal(
      isInScope(evaluatorOf('', 'pods'), object, quota(spec)),
      expected,
      JSON.stringify(spec),
    );
  }
});

test('a pod has to say what a quota counts', () => {
  const silent = pod({ cpu: '1' }, {});
  assert.equal(
    podConstraint(silent, ['limits.cpu', 'limits.memory', 'pods', 'requests.cpu']),
    'must specify limits.cpu for: c; limits.memory for: c',
  );
  assert.equal(podConstraint(silent, ['requests.cpu']), undefined);
});

test('what is used is counted over all objects in scope', () => {
  const held: Readonly<Record<string, readonly KubeObject[]>> = {
    '/pods': [
      pod({ cpu: '1' }, {}),
      pod({ cpu: '500m' }, {}),
      pod({}, {}, {}, { phase: 'Failed' }),
    ],
    'apps/deployments': [pod({}, {})],
  };
  const hard = { pods: '9', 'requests.cpu': '4', 'count/deployments.apps': '3', secrets: '1' };
  const list = (group: string, plural: string) => held[`${group}/${plural}`] ?? [];
  assert.equal(
    amountsText(usedOf(quota({ hard }), list, 0)),
    'count/deployments.apps=1,pods=2,requests.cpu=1500m,secrets=0',
  );
  assert.deepEqual(
    evaluatorsFor(Object.keys(hard)).map(({ plural }) => plural),
    ['pods', 'deployments', 'secrets'],
  );
});

test('amounts are compared where there is a limit', () => {
  const one = evaluatorOf('', 'configmaps').usage({} as KubeObject, 0);
  const none = subtractAmounts(one, one);
  assert.deepEqual(exceededNames(one, none), ['count/configmaps', 'configmaps']);
  assert.deepEqual(exceededNames(one, maskAmounts(none, ['other'])), []);
});

const claim = (spec: object, status: object = {}): KubeObject =>
  ({ metadata: { name: 'c' }, spec, status }) as unknown as KubeObject;

test('claims count what they ask for or were given, in whole bytes', () => {
  const asking = (storage: string, given?: string) =>
    usage(
      '',
      'persistentvolumeclaims',
      claim(
        { resources: { requests: { storage } } },
        given === undefined ? {} : { allocatedResources: { storage: given } },
      ),
    ).split(',')[2];
  assert.equal(asking('1500m'), 'requests.storage=2');
  assert.equal(asking('5Gi', '8Gi'), 'requests.storage=8Gi');
  assert.equal(asking('5Gi', '3Gi'), 'requests.storage=5Gi');
});

test('scopes choose claims by the attributes classes they want, have or are changed to', () => {
  const about = (object: KubeObject, operator: string, ...values: string[]) => {
    const expression = { scopeName: 'VolumeAttributesClass', operator, values };
    const scopeSelector = { matchExpressions: [expression] };
    return isInScope(evaluatorOf('', 'persistentvolumeclaims'), object, quota({ scopeSelector }));
  };
  const changing = claim(
    { volumeAttributesClassName: 'gold' },
    {
      currentVolumeAttributesClassName: 'silver',
      modifyVolumeStatus: { targetVolumeAttributesClassName: 'tin' },
    },
  );
  for (const name of ['gold', 'silver', 'tin']) assert.ok(about(changing, 'In', name), name);
  assert.ok(!about(changing, 'In', 'lead'));
  const gold = claim({ volumeAttributesClassName: 'gold' });
  assert.ok(!about(gold, 'NotIn', 'gold'));
  assert.ok(about(gold, 'Exists') && !about(gold, 'DoesNotExist'));
  const plain = claim({});
  assert.ok(about(plain, 'NotIn', 'gold') && about(plain, 'DoesNotExist'));
  assert.ok(!about(plain, 'Exists') && !about(plain, 'In', 'gold'));
});

test('device claims count the devices of each class at worst', () => {
  const requests = [
    { exactly: { deviceClassName: 'a', allocationMode: 'ExactCount', count: 2 } },
    { exactly: { deviceClassName: 'b', allocationMode: 'All' } },
    {
      firstAvailable: [
        { deviceClassName: 'a', allocationMode: 'ExactCount', count: 1 },
        { deviceClassName: 'a', allocationMode: 'ExactCount', count: 4 },
        { deviceClassName: 'c', allocationMode: 'Other' },
      ],
    },
  ];
  assert.equal(
    usage('resource.k8s.io', 'resourceclaims', claim({ devices: { requests } })),
    'a.deviceclass.resource.k8s.io/devices=6,b.deviceclass.resource.k8s.io/devices=32,c.deviceclass.resource.k8s.io/devices=0,count/resourceclaims.resource.k8s.io=1',
  );
});

test('a pod that is resized counts what it holds on to until the node has done it', () => {
  const wanted = { cpu: '1', memory: '1Gi' };
  const had = { cpu: '2', memory: '512Mi' };
  const resized = (status: object) =>
    usage('', 'pods', pod(wanted, wanted, {}, status)).replace(/^count\/pods=1,|pods=1,/g, '');
  const containerStatuses = [
    { name: 'c', allocatedResources: had, resources: { requests: had, limits: had } },
  ];
  assert.equal(
    resized({ containerStatuses }),
    'cpu=2,limits.cpu=2,limits.memory=1Gi,memory=1Gi,requests.cpu=2,requests.memory=1Gi',
  );
  const conditions = [{ type: 'PodResizePending', reason: 'Infeasible' }];
  assert.equal(
    resized({ containerStatuses, conditions }),
    'cpu=2,limits.cpu=2,limits.memory=512Mi,memory=512Mi,requests.cpu=2,requests.memory=512Mi',
  );
});

test('a pod that says what it asks for as a whole need not say it of its containers', () => {
  const whole = pod({}, {}, { resources: { limits: { memory: '1Gi' } } });
  assert.equal(podConstraint(whole, ['limits.cpu', 'limits.memory']), undefined);
});

test('events count in no quota', () => {
  assert.deepEqual(evaluatorsFor(['count/events', 'count/events.events.k8s.io']), []);
});
