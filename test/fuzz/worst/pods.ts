/** Pods with too much of everything. */
import { dryRun, key, longest, many, pods, post } from './pieces.js';
import type { WorstCase } from './pieces.js';

const pod = (spec: object, metadata: object = {}): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'worst', ...metadata },
  spec: { containers: [{ name: 'c', image: 'c' }], ...spec },
});

const podBodies: readonly (readonly [string, unknown])[] = [
  ['containers', pod({ containers: many(34, (i) => ({ name: key(i), image: 'c' })) })],
  ['containers of one name', pod({ containers: many(25, () => ({ name: 'c', image: 'c' })) })],
  [
    'environment',
    pod({
      containers: [{ name: 'c', image: 'c', env: many(28, (i) => ({ name: key(i), value: 'x' })) }],
    }),
  ],
  [
    'ports',
    pod({
      containers: [
        {
          name: 'c',
          image: 'c',
          ports: many(42, (i) => ({ containerPort: (i % 65_000) + 1, hostPort: (i % 65_000) + 1 })),
        },
      ],
    }),
  ],
  ['volumes', pod({ volumes: many(36, (i) => ({ name: key(i), emptyDir: {} })) })],
  [
    'mounts',
    pod({
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        {
          name: 'c',
          image: 'c',
          volumeMounts: many(34, (i) => ({ name: 'v', mountPath: `/${key(i)}` })),
        },
      ],
    }),
  ],
  [
    'mounts of no volume',
    pod({
      containers: [
        {
          name: 'c',
          image: 'c',
          volumeMounts: many(34, (i) => ({ name: key(i), mountPath: `/${key(i)}` })),
        },
      ],
    }),
  ],
  [
    'volumes and mounts',
    pod({
      volumes: many(36, (i) => ({ name: key(i), emptyDir: {} }), longest / 2),
      containers: [
        {
          name: 'c',
          image: 'c',
          volumeMounts: many(36, (i) => ({ name: key(i), mountPath: `/${key(i)}` }), longest / 2),
        },
      ],
    }),
  ],
  ['tolerations', pod({ tolerations: many(40, (i) => ({ key: key(i), operator: 'Exists' })) })],
  ['host aliases', pod({ hostAliases: many(44, () => ({ ip: '10.0.0.1', hostnames: ['a'] })) })],
  [
    'spread constraints',
    pod({
      topologySpreadConstraints: many(80, (i) => ({
        maxSkew: 1,
        topologyKey: key(i),
        whenUnsatisfiable: 'DoNotSchedule',
      })),
    }),
  ],
  ['scheduling gates', pod({ schedulingGates: many(22, (i) => ({ name: key(i) })) })],
  [
    'resource claims',
    pod({ resourceClaims: many(45, (i) => ({ name: key(i), resourceClaimName: 'x' })) }),
  ],
  [
    'sysctls',
    pod({ securityContext: { sysctls: many(32, (i) => ({ name: key(i), value: '1' })) } }),
  ],
  [
    'affinity terms',
    pod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: many(70, (i) => ({
              matchExpressions: [{ key: key(i), operator: 'In', values: ['x'] }],
            })),
          },
        },
      },
    }),
  ],
  [
    'quantities',
    pod({
      containers: [
        {
          name: 'c',
          image: 'c',
          resources: { requests: Object.fromEntries(many(25, (i) => [`a.b/${key(i)}`, '1'])) },
        },
      ],
    }),
  ],
  [
    'a long quantity',
    pod({
      containers: [
        { name: 'c', image: 'c', resources: { requests: { cpu: '1'.repeat(longest) } } },
      ],
    }),
  ],
  [
    'expansions',
    pod({
      containers: [
        {
          name: 'c',
          image: 'c',
          command: ['$(A)'.repeat(longest / 4)],
          env: [{ name: 'A', value: '$(A)'.repeat(100) }],
        },
      ],
    }),
  ],
  ['a long image', pod({ containers: [{ name: 'c', image: 'a/'.repeat(longest / 2) }] })],
  ['a long name', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a-'.repeat(longest / 2) } }],
];

export const podCases: readonly WorstCase[] = podBodies.map(([name, value]) => ({
  name: `pod: ${name}`,
  request: post(`${pods}${dryRun}`, value),
}));
