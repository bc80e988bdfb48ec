/**
 * The requests that mutants are made of: valid objects of kinds that do much, objects of every declared kind with values of
 * the right types, patches, reads, and, where a folder of recorded cases is given, those.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { builtInResources } from '../../api/resources.js';
import type { Definition, Scalar, Schema } from '../../api/schema/schema.js';
import type { FuzzRequest } from './fuzz-request.js';
import type { SeededRandom } from './random.js';

/** The namespace that everything happens in. */
export const fuzzNamespace = 'fuzz';

const container = {
  name: 'main',
  image: 'nginx:1.25',
  command: ['sh', '-c', 'echo $(NAME)'],
  env: [
    { name: 'NAME', value: 'x' },
    { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ],
  ports: [{ name: 'http', containerPort: 80 }],
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '1Gi' } },
  volumeMounts: [{ name: 'data', mountPath: '/data', subPath: 'a/b' }],
  livenessProbe: { httpGet: { path: '/', port: 'http' } },
};
const podSpec = {
  containers: [container],
  volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }],
  nodeSelector: { nowhere: 'to-be-found' },
  tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
      },
    },
  },
  securityContext: { runAsUser: 1000, sysctls: [{ name: 'net.core.somaxconn', value: '1' }] },
};
const labels = { app: 'fuzz' };
const selector = { matchLabels: labels, matchExpressions: [{ key: 'app', operator: 'Exists' }] };
const template = { metadata: { labels }, spec: podSpec };

/** Kind by kind what is accepted as it is. */
const objects: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['v1', 'ConfigMap', { data: { a: '1' }, binaryData: { b: 'AAEC' } }],
  ['v1', 'Secret', { type: 'Opaque', stringData: { a: 'b' }, data: { c: 'ZA==' } }],
  ['v1', 'Pod', { spec: podSpec }],
  ['v1', 'Service', { spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] } }],
  ['v1', 'ServiceAccount', {}],
  ['v1', 'Namespace', {}],
  ['v1', 'LimitRange', { spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } }],
  ['v1', 'ResourceQuota', { spec: { hard: { pods: '1000000' } } }],
  [
    'v1',
    'PersistentVolumeClaim',
    { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  ],
  ['apps/v1', 'Deployment', { spec: { replicas: 0, selector, template } }],
  ['apps/v1', 'ReplicaSet', { spec: { replicas: 0, selector, template } }],
  ['apps/v1', 'StatefulSet', { spec: { replicas: 0, selector, template, serviceName: 'x' } }],
  ['apps/v1', 'DaemonSet', { spec: { selector, template } }],
  [
    'batch/v1',
    'Job',
    { spec: { suspend: true, template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
  ],
  [
    'batch/v1',
    'CronJob',
    {
      spec: {
        suspend: true,
        schedule: '*/5 1-4,7 * * MON',
        timeZone: 'Europe/Berlin',
        jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
      },
    },
  ],
  [
    'networking.k8s.io/v1',
    'NetworkPolicy',
    { spec: { podSelector: selector, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] } },
  ],
  [
    'networking.k8s.io/v1',
    'Ingress',
    {
      spec: {
        rules: [
          {
            host: '*.example.com',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'a', port: { number: 1 } } },
                },
              ],
            },
          },
        ],
      },
    },
  ],
  [
    'rbac.authorization.k8s.io/v1',
    'Role',
    { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ],
  [
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
      },
    },
  ],
  ['policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: '50%', selector } }],
  [
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicy',
    {
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ['apps'],
              apiVersions: ['v1'],
              operations: ['CREATE'],
              resources: ['deployments'],
            },
          ],
        },
        validations: [
          {
            expression: 'object.spec.replicas <= 5 && object.metadata.name.matches("^[a-z]+$")',
            messageExpression: '"at most " + string(5)',
          },
        ],
      },
    },
  ],
  [
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    {
      metadata: { name: 'widgets.fuzz.example.com' },
      spec: {
        group: 'fuzz.example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            additionalPrinterColumns: [
              { name: 'Size', type: 'integer', jsonPath: '.spec.items[?(@.a=="b")].size' },
            ],
            subresources: {
              status: {},
              scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
            },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: {
                    type: 'object',
                    'x-kubernetes-validations': [
                      {
                        rule: 'self.replicas <= 10 && self.name.matches("a+")',
                        message: 'too many',
                      },
                    ],
                    properties: {
                      name: { type: 'string', pattern: '^(a|b)*$', default: 'a', maxLength: 10 },
                      replicas: { type: 'integer', default: 1, minimum: 0 },
                      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                    },
                  },
                },
              },
            },
          },
        ],
      },
    },
  ],
  [
    'fuzz.example.com/v1',
    'Widget',
    { spec: { name: 'ab', replicas: 3, free: { a: { b: [1, 'x', null] } } } },
  ],
  [
    'authorization.k8s.io/v1',
    'SelfSubjectAccessReview',
    { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
  ],
  ['authentication.k8s.io/v1', 'TokenReview', { spec: { token: 'eyJhbGciOiJub25lIn0.e30.' } }],
  [
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    {
      spec: {
        request: Buffer.from(
          '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
        ).toString('base64'),
        signerName: 'example.com/fuzz',
        usages: ['client auth'],
      },
    },
  ],
];

interface Place {
  readonly collection: string;
  readonly name: string;
}

const plurals = new Map(
  builtInResources.map((resource) => [
    `${resource.apiVersion} ${resource.kind}`,
    { plural: resource.plural, isNamespaced: resource.scope === 'Namespaced' },
  ]),
);
plurals.set('fuzz.example.com/v1 Widget', { plural: 'widgets', isNamespaced: true });

function placeOf(apiVersion: string, kind: string, name: string): Place {
  const found = plurals.get(`${apiVersion} ${kind}`);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = found?.isNamespaced === false ? '' : `/namespaces/${fuzzNamespace}`;
  return { collection: `${root}${scope}/${found?.plural ?? kind.toLowerCase()}`, name };
}

const request = (
  method: string,
  target: string,
  body?: unknown,
  contentType = 'application/json',
): FuzzRequest => ({
  method,
  path: target,
  headers: {},
  contentType: body === undefined ? undefined : contentType,
  body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
});

const jsonPatch = [
  { op: 'test', path: '/metadata/labels/app', value: 'fuzz' },
  { op: 'add', path: '/metadata/annotations', value: { a: 'b' } },
  { op: 'copy', from: '/metadata/labels/app', path: '/metadata/annotations/c' },
  { op: 'replace', path: '/metadata/labels/app', value: 'fuzz' },
];
const strategicPatch = {
  metadata: { annotations: { a: null, b: 'c' }, finalizers: ['example.com/x'] },
  spec: {
    $retainKeys: ['template', 'containers'],
    template: { spec: { containers: [{ name: 'main', $patch: 'merge' }] } },
    containers: [{ name: 'main', image: 'b' }],
    '$setElementOrder/containers': [{ name: 'main' }],
  },
};

/** Everything that can be asked about one object. */
function requestsAbout(
  object: Readonly<Record<string, unknown>>,
  { collection, name }: Place,
): readonly FuzzRequest[] {
  const itself = `${collection}/${name}`;
  return [
    request('POST', collection, object),
    request('POST', `${collection}?dryRun=All&fieldValidation=Strict`, object),
    request('PUT', itself, object),
    request(
      'PATCH',
      `${itself}?fieldManager=fuzz&force=true`,
      object,
      'application/apply-patch+yaml',
    ),
    request('PATCH', itself, jsonPatch, 'application/json-patch+json'),
    request('PATCH', itself, strategicPatch, 'application/strategic-merge-patch+json'),
    request(
      'PATCH',
      itself,
      { metadata: { labels: { a: null, b: 'c' } } },
      'application/merge-patch+json',
    ),
    request(
      'PATCH',
      `${itself}/status`,
      { status: { conditions: [{ type: 'A', status: 'True' }] } },
      'application/merge-patch+json',
    ),
    request('PUT', `${itself}/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name },
      spec: { replicas: 0 },
    }),
    request('GET', itself),
    request(
      'GET',
      `${collection}?limit=2&labelSelector=app%3Dfuzz&fieldSelector=metadata.name%21%3Da`,
    ),
    request('GET', `${collection}?watch=1&timeoutSeconds=1&resourceVersion=0`),
    request('DELETE', itself, {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'x' },
    }),
    request('DELETE', `${itself}?propagationPolicy=Background`),
  ];
}

const reads = [
  '/',
  '/api',
  '/api/v1',
  '/apis',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/version',
  '/metrics',
  '/healthz?verbose',
  '/readyz/ping',
  '/.well-known/openid-configuration',
  '/openid/v1/jwks',
  `/api/v1/namespaces/${fuzzNamespace}/pods/seed-pod/log?tailLines=1`,
  `/api/v1/namespaces/${fuzzNamespace}/pods/seed-pod/exec?command=id&stdout=1`,
  `/api/v1/namespaces/${fuzzNamespace}/pods/seed-pod/proxy/a/b?c=d`,
  `/api/v1/namespaces/${fuzzNamespace}/services/https:seed-service:80/proxy/x`,
  '/api/v1/nodes/none/proxy/metrics',
];

const scalarSamples: Readonly<Record<Scalar, unknown>> = {
  string: 'text',
  boolean: true,
  int32: 3,
  int64: 5,
  double: 1.5,
  bytes: 'AAEC',
  any: { a: [1] },
  object: { a: 'b' },
  time: '2026-01-01T00:00:00Z',
  microTime: '2026-01-01T00:00:00.000001Z',
  quantity: '1500m',
  intOrString: '50%',
  rawExtension: { apiVersion: 'v1', kind: 'ConfigMap', data: {} },
  fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } }, 'k:{"a":1}': {}, 'v:"x"': {} },
};

const sampleDepth = 8;

/** A value of the declared type; what lies deep is left out. */
function sampleOf(schema: Schema, random: SeededRandom, depth: number): unknown {
  switch (schema.type) {
    case 'scalar':
      return scalarSamples[schema.scalar];
    case 'list':
      return [sampleOf(schema.items, random, depth + 1)];
    case 'map':
      return { key: sampleOf(schema.values, random, depth + 1) };
    case 'ref':
      return sampleObject(schema.target(), random, depth + 1);
  }
}

function sampleObject(
  definition: Definition,
  random: SeededRandom,
  depth = 0,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(definition.fields)) {
    const isLeaf = field.schema.type === 'scalar';
    if (depth > sampleDepth && !isLeaf) continue;
    const isWanted = field.required === true || random.chance(depth < 2 ? 0.7 : 0.3);
    if (isWanted) result[name] = sampleOf(field.schema, random, depth);
  }
  return result;
}

function declaredSeeds(random: SeededRandom): readonly FuzzRequest[] {
  return builtInResources.flatMap((resource) => {
    const { apiVersion, kind, schema } = resource;
    const name = `declared-${kind.toLowerCase()}`;
    const sample = { ...sampleObject(schema, random), apiVersion, kind };
    return requestsAbout(
      { ...sample, metadata: { name, labels, annotations: { a: 'b' } } },
      placeOf(apiVersion, kind, name),
    );
  });
}

/** The requests of a file of recorded cases: each has steps with method, path and body. */
function recordedSeeds(folder: string): readonly FuzzRequest[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8').replaceAll('$NS', fuzzNamespace);
      const { steps = [] } = JSON.parse(text) as { steps?: readonly RecordedStep[] };
      return steps.flatMap(recordedRequest);
    });
}

interface RecordedStep {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: unknown;
}

function recordedRequest(step: RecordedStep): readonly FuzzRequest[] {
  if (step.method === undefined || step.path === undefined) return [];
  const headers = Object.entries(step.headers ?? {}).flatMap(([name, value]) =>
    value === null ? [] : [[name.toLowerCase(), value] as const],
  );
  const { 'content-type': contentType = 'application/json', ...rest } = Object.fromEntries(headers);
  const { body } = step;
  return [
    {
      method: step.method,
      path: step.path,
      headers: rest,
      contentType: body === undefined ? undefined : contentType,
      body:
        body === undefined
          ? undefined
          : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
  ];
}

/** Accepted as they are; sent before the mutants, so that these find something. */
export const validSeeds: readonly FuzzRequest[] = objects.map(([apiVersion, kind, fields]) => {
  const name = `seed-${kind.toLowerCase()}`;
  const { collection } = placeOf(apiVersion, kind, name);
  return request('POST', collection, { apiVersion, kind, metadata: { name, labels }, ...fields });
});

/** All seeds; recorded cases are among them where their folder is given. */
export function allSeeds(
  random: SeededRandom,
  casesFolder: string | undefined,
): readonly FuzzRequest[] {
  const handmade = objects.flatMap(([apiVersion, kind, fields]) => {
    const name = `seed-${kind.toLowerCase()}`;
    const object = { apiVersion, kind, metadata: { name, labels }, ...fields };
    return requestsAbout(object, placeOf(apiVersion, kind, name));
  });
  return [
    ...handmade,
    ...reads.map((target) => request('GET', target)),
    ...declaredSeeds(random),
    ...(casesFolder === undefined ? [] : recordedSeeds(casesFolder)),
  ];
}
