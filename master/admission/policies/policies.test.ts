import assert from 'node:assert/strict';
import test from 'node:test';
import { deployments } from '../../../api/apps/v1/deployment.js';
import { isStatusError } from '../../../api/meta/status-error.js';
import type { StatusError } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { AdmissionChain } from '../admission.js';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import type { MutationObservation, ValidationObservation } from '../admission-metrics.js';
import { readerOf, requestOf, resourceNamed } from '../fixtures.test.js';
import type { Held } from '../fixtures.test.js';
import { mutatingPolicies } from './mutating.js';
import { validatingPolicies } from './validating.js';

const group = 'admissionregistration.k8s.io';
const resource = deployments as unknown as ResourceDefinition;
const configMaps = resourceNamed('', 'configmaps');

const matchConstraints = {
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  resourceRules: [
    { operations: ['*'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
  ],
};

const policy = (kind: string, spec: object): Held => ({
  group,
  plural: `${kind}admissionpolicies`,
  object: { metadata: { name: 'p' }, spec: { failurePolicy: 'Fail', matchConstraints, ...spec } },
});
const binding = (kind: string, spec: object = {}): Held => ({
  group,
  plural: `${kind}admissionpolicybindings`,
  object: { metadata: { name: 'b' }, spec: { policyName: 'p', ...spec } },
});

const deployment = (replicas = 1, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', namespace: 'n', labels: { app: 'a' } },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'a' } },
    template: {
      metadata: { labels: { app: 'a' } },
      spec: { containers: [{ name: 'c', image: 'x:1' }], ...more },
    },
  },
});

interface Run {
  readonly counted: readonly string[];
  readonly error: StatusError | undefined;
  readonly warnings: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
}

const common = (held: readonly Held[], counted: string[]) => ({
  clock: new FakeClock(),
  policyMetrics: {
    mutated: ({ error }: MutationObservation) => void counted.push(error),
    validated: ({ action, error }: ValidationObservation) =>
      void counted.push(`${action} ${error}`),
  },
  reader: readerOf(held),
  authorize: ({ verb }: { readonly verb: string }) => ({ allowed: verb !== 'fly', reason: '' }),
  equivalentsOf: () => [],
  resourceOfKind: ({ kind }: { readonly kind: string }) =>
    kind === 'ConfigMap' ? configMaps : undefined,
  redecode: (_attributes: AdmissionAttributes, value: unknown) => value as KubeObject,
});

async function run(
  held: readonly Held[],
  object: object,
  plugins: readonly AdmissionPlugin[] = [],
): Promise<Run> {
  const warnings: string[] = [];
  const facts: Record<string, string> = {};
  const counted: string[] = [];
  const options = common(held, counted);
  const chain = new AdmissionChain([
    mutatingPolicies(options),
    ...plugins,
    validatingPolicies(options),
  ]);
  const attributes = requestOf({
    resource,
    object,
    warn: (message) => void warnings.push(message),
    audit: (key, value) => {
      facts[key] = value;
    },
  });
  try {
    await chain.mutate(attributes, () => attributes);
    await chain.validate(attributes, () => attributes);
    return { error: undefined, warnings, facts, counted };
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return { error, warnings, facts, counted };
  }
}

const validating = (spec: object, bound: object = { validationActions: ['Deny'] }) => [
  policy('validating', spec),
  binding('validating', bound),
];

test('a policy refuses with its message and reason, as Kubernetes words it', async () => {
  const cases: readonly (readonly [object, string, number])[] = [
    [
      { expression: 'object.spec.replicas <= 3' },
      'failed expression: object.spec.replicas <= 3',
      422,
    ],
    [{ expression: 'false', message: 'too many', reason: 'Forbidden' }, 'too many', 403],
    [
      {
        expression: 'false',
        message: 'x',
        messageExpression: '"not " + string(object.spec.replicas)',
      },
      'not 5',
      422,
    ],
    [{ expression: 'false', message: 'x', messageExpression: '""' }, 'x', 422],
  ];
  for (const [validation, why, code] of cases) {
    const { error } = await run(validating({ validations: [validation] }), deployment(5));
    assert.equal(
      error?.message,
      `deployments.apps "d" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${why}`,
    );
    assert.equal(error.code, code);
  }
  const fine = validating({ validations: [{ expression: 'object.spec.replicas <= 3' }] });
  assert.equal((await run(fine, deployment(2))).error, undefined);
});

test('a policy warns and records where its binding says so', async () => {
  const { error, warnings, facts, counted } = await run(
    validating(
      {
        validations: [{ expression: 'false', message: 'no' }],
        auditAnnotations: [{ key: 'replicas', valueExpression: 'string(object.spec.replicas)' }],
      },
      { validationActions: ['Warn', 'Audit'] },
    ),
    deployment(5),
  );
  assert.equal(error, undefined);
  assert.deepEqual(warnings, [
    "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no",
  ]);
  assert.deepEqual(counted, ['warn no_error', 'audit no_error']);
  assert.equal(facts['p/replicas'], '5');
  assert.deepEqual(
    JSON.parse(facts['validation.policy.admission.k8s.io/validation_failure'] ?? ''),
    [
      {
        message: 'no',
        policy: 'p',
        binding: 'b',
        expressionIndex: 0,
        validationActions: ['Warn', 'Audit'],
      },
    ],
  );
});

test('variables, conditions, namespace, user and authorizer are there to be asked', async () => {
  const namespace: Held = {
    group: '',
    plural: 'namespaces',
    object: { metadata: { name: 'n', labels: { env: 'prod' } } },
  };
  const holds = async (expression: string, more: object = {}): Promise<boolean> => {
    const held = [
      namespace,
      ...validating({
        variables: [
          { name: 'images', expression: 'object.spec.template.spec.containers.map(c, c.image)' },
          { name: 'count', expression: 'size(variables.images)' },
        ],
        validations: [{ expression }],
        ...more,
      }),
    ];
    return (await run(held, deployment())).error === undefined;
  };
  const truths = [
    'variables.count == 1 && variables.images.all(i, i.startsWith("x:"))',
    'namespaceObject.metadata.labels.env == "prod"',
    'request.userInfo.username == "somebody" && request.operation == "CREATE"',
    'request.resource.resource == "deployments" && request.name == "d" && !request.dryRun',
    'authorizer.requestResource.check("create").allowed()',
    '!authorizer.group("apps").resource("deployments").namespace("n").check("fly").allowed()',
    'oldObject == null',
    'params == null || true',
  ];
  for (const expression of truths.slice(0, -1)) assert.ok(await holds(expression), expression);
  const skipped = {
    matchConditions: [{ name: 'never', expression: 'object.spec.replicas > 100' }],
  };
  assert.ok(await holds('false', skipped));
});

test('an expression that fails fails the request, or is passed by', async () => {
  const failing = (failurePolicy: string) =>
    run(
      validating({ failurePolicy, validations: [{ expression: 'object.spec.nothing == 1' }] }),
      deployment(),
    );
  assert.match(
    (await failing('Fail')).error?.message ?? '',
    /denied request: expression 'object.spec.nothing == 1' resulted in error: no such key: nothing$/,
  );
  const passed = await failing('Ignore');
  assert.equal(passed.error, undefined);
  assert.deepEqual(passed.counted, ['allow invalid_error']);
});

test('no policy takes for ever', async () => {
  const list = `[${Array.from({ length: 60 }, () => '1').join(',')}]`;
  const deep = `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, a + b + c + d > 0))))`;
  const { error } = await run(validating({ validations: [{ expression: deep }] }), deployment());
  assert.match(error?.message ?? '', /actual cost limit exceeded/);
});

const limit = (name: string, most: string, labels: object = {}): Held => ({
  group: '',
  plural: 'configmaps',
  object: { metadata: { name, namespace: 'n', labels }, data: { most } },
});

test('parameters come from named or selected objects', async () => {
  const spec = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    validations: [{ expression: 'object.spec.replicas <= int(params.data.most)' }],
  };
  const bound = (paramRef: object) => ({ validationActions: ['Deny'], paramRef });
  const check = async (paramRef: object, ...held: Held[]) =>
    (await run([...held, ...validating(spec, bound(paramRef))], deployment(3))).error?.message ??
    'admitted';
  const named = { name: 'l', parameterNotFoundAction: 'Deny' };
  assert.match(await check(named, limit('l', '2')), /failed expression/);
  assert.equal(await check(named, limit('l', '3')), 'admitted');
  assert.match(
    await check(named),
    /failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction/,
  );
  assert.equal(await check({ ...named, parameterNotFoundAction: 'Allow' }), 'admitted');
  const selected = {
    selector: { matchLabels: { kind: 'limit' } },
    parameterNotFoundAction: 'Deny',
  };
  const labels = { kind: 'limit' };
  assert.match(
    await check(selected, limit('a', '9', labels), limit('b', '1', labels)),
    /failed expression/,
  );
  const unknown = { ...spec, paramKind: { apiVersion: 'x.io/v1', kind: 'Nothing' } };
  const { error } = await run(validating(unknown, bound(named)), deployment());
  assert.match(
    error?.message ?? '',
    /^deployments.apps "d" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'x.io\/v1, Kind=Nothing'$/,
  );
});

const mutating = (spec: object) => [
  policy('mutating', { reinvocationPolicy: 'Never', ...spec }),
  binding('mutating'),
];
const apply = (expression: string) => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

test('a policy merges what it applies and patches what it says', async () => {
  const object = deployment();
  const { error } = await run(
    mutating({
      mutations: [
        apply(
          'Object{metadata: Object.metadata{labels: {"team": "x"}}, spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "side", image: "y:1"}]}}}}',
        ),
        patch(
          '[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: string(size(object.spec.template.spec.containers))}]',
        ),
      ],
    }),
    object,
  );
  assert.equal(error, undefined);
  assert.deepEqual(object.metadata.labels, { app: 'a', team: 'x', 'a/b': '2' });
  assert.deepEqual(object.spec.template.spec.containers.map(({ name }) => name).sort(), [
    'c',
    'side',
  ]);
});

test('what keeps a policy from being asked refuses the request, whatever its bindings do of faults', async () => {
  const cases = [
    [
      { auditAnnotations: [{ key: 'k', valueExpression: 'object.nothing' }] },
      {},
      /denied request: expression 'object.nothing' resulted in error: no such key: nothing$/,
    ],
    [
      { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
      { paramRef: { name: 'l', parameterNotFoundAction: 'Deny' } },
      /denied request: failed to configure binding: no params found/,
    ],
  ] as const;
  for (const [spec, bound, expected] of cases) {
    for (const failurePolicy of ['Fail', 'Ignore']) {
      const held = validating(
        { failurePolicy, validations: [{ expression: 'true' }], ...spec },
        { validationActions: ['Warn'], ...bound },
      );
      const { error, warnings } = await run(held, deployment());
      assert.match(error?.message ?? 'none', failurePolicy === 'Fail' ? expected : /^none$/);
      assert.deepEqual(warnings, []);
    }
  }
});

test('a mutation that cannot be made refuses the request and leaves the object alone', async () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [
      patch('[JSONPatch{op: "remove", path: "/spec/nothing"}]'),
      /JSON Patch: error in remove for path: '\/spec\/nothing': Unable to remove nonexistent key: nothing: missing value$/,
    ],
    [apply('Object{metadata: Object.metadata{name: "other"}}'), /may not set metadata.name/],
    [
      apply(
        'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{tolerations: [Object.spec.template.spec.tolerations{key: "k"}]}}}}',
      ),
      /may not mutate atomic arrays, maps or structs: .spec.template.spec.tolerations/,
    ],
    [patch('[JSONPatch{op: "add", path: "/x", value: object.nothing}]'), /no such key: nothing/],
    [
      apply('Object{spec: Object.spec{selector: Object.spec.wrong{}}}'),
      /type mismatch: unexpected type name "Object.spec.wrong", expected "Object.spec.selector", which matches field name path from root Object type$/,
    ],
    [
      patch('[JSONPatch{op: "add", path: "/spec/x", value: Object.spec{x: [Object.spec.y{}]}}]'),
      /type mismatch: unexpected type name "Object.spec.y", expected "Object.spec.x"/,
    ],
    [
      apply('Object{spec: Object.spec{nothing: "x"}}'),
      /error applying patch: failed to convert patch object to typed object: .spec.nothing: field not declared in schema$/,
    ],
  ];
  for (const [mutation, expected] of cases) {
    const object = deployment();
    const { error } = await run(mutating({ mutations: [mutation] }), object);
    assert.match(error?.message ?? 'admitted', /^policy 'p' with binding 'b' denied request: /);
    assert.equal(error?.code, 403);
    assert.equal(error.status.reason, 'Invalid');
    assert.match(error.message, expected);
    assert.deepEqual(object, deployment());
  }
});

test('mutations that fail are passed by one by one, and those that do not apply by themselves', async () => {
  const add = (name: string): object =>
    patch(`[JSONPatch{op: "add", path: "/metadata/labels/${name}", value: "yes"}]`);
  const object = deployment();
  const { error, counted } = await run(
    mutating({
      failurePolicy: 'Ignore',
      mutations: [
        add('first'),
        patch('[JSONPatch{op: "remove", path: "/nothing"}]'),
        add('second'),
      ],
    }),
    object,
  );
  assert.equal(error, undefined);
  assert.deepEqual(counted, ['no_error', 'invalid_error', 'no_error']);
  assert.deepEqual(object.metadata.labels, { app: 'a', first: 'yes', second: 'yes' });
  const tested = deployment();
  const unmet = await run(
    mutating({
      mutations: [
        patch(
          '[JSONPatch{op: "test", path: "/spec/replicas", value: 7}, JSONPatch{op: "remove", path: "/spec/replicas"}]',
        ),
      ],
    }),
    tested,
  );
  assert.equal(unmet.error, undefined);
  assert.deepEqual(tested, deployment());
});

test('a mutating policy that wants to is evaluated again after others changed the object', async () => {
  const held = mutating({
    reinvocationPolicy: 'IfNeeded',
    mutations: [
      patch(
        '[JSONPatch{op: "add", path: "/metadata/labels/seen", value: has(object.metadata.annotations) ? "annotated" : "bare"}]',
      ),
    ],
  });
  const object: ReturnType<typeof deployment> & { metadata: { labels: { seen?: string } } } =
    deployment();
  await run(held, object, [
    {
      name: 'annotates',
      concerns: () => true,
      mutate: (attributes) => {
        if (attributes.object !== undefined) attributes.object.metadata.annotations = { a: 'b' };
      },
    },
  ]);
  assert.equal(object.metadata.labels.seen, 'annotated');
});

const counter = apply(
  'Object{metadata: Object.metadata{labels: {"count": string(int(object.metadata.labels["count"]) + 1)}}}',
);
const named = (plural: string, name: string, spec: object): Held => ({
  group,
  plural,
  object: { metadata: { name }, spec },
});
const counting = (name: string, more: object): Held =>
  named('mutatingadmissionpolicies', name, {
    failurePolicy: 'Fail',
    matchConstraints,
    mutations: [counter],
    ...more,
  });
const boundTo = (policyName: string, more: object = {}): Held =>
  named('mutatingadmissionpolicybindings', `of-${policyName}`, { policyName, ...more });

const labelsOf = ({ metadata }: ReturnType<typeof deployment>): Record<string, string> =>
  metadata.labels;

test('each policy is evaluated again once, for each of its parameters, after those that follow it changed the object', async () => {
  const counted = async (...held: readonly Held[]): Promise<string | undefined> => {
    const object = deployment();
    labelsOf(object).count = '0';
    const { error } = await run(held, object);
    assert.equal(error?.message, undefined);
    return labelsOf(object).count;
  };
  const again = { reinvocationPolicy: 'IfNeeded' };
  const once = { reinvocationPolicy: 'Never' };
  assert.equal(
    await counted(
      counting('a', again),
      boundTo('a'),
      counting('b', again),
      boundTo('b'),
      counting('c', once),
      boundTo('c'),
    ),
    '5',
  );
  const kind = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } };
  const labels = { kind: 'limit' };
  const paramRef = { selector: { matchLabels: labels }, parameterNotFoundAction: 'Deny' };
  assert.equal(
    await counted(
      limit('x', '1', labels),
      limit('y', '1', labels),
      counting('a', { ...again, ...kind }),
      boundTo('a', { paramRef }),
      counting('c', once),
      boundTo('c'),
    ),
    '5',
  );
});

test('which mutating policies have a say is decided before any of them changed anything', async () => {
  const objectSelector = { matchLabels: { count: '1' } };
  const object = deployment();
  labelsOf(object).count = '0';
  await run(
    [
      counting('a', { reinvocationPolicy: 'Never' }),
      boundTo('a'),
      counting('b', { matchConstraints: { ...matchConstraints, objectSelector } }),
      boundTo('b'),
    ],
    object,
  );
  assert.equal(labelsOf(object).count, '1');
});
