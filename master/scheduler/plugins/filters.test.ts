import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeSelectorRequirement, Toleration } from '../../../api/core/v1/types.js';
import { ClusterState } from '../cluster-state.js';
import { makeNode, makePod, type NodeShape, type PodShape } from '../fixtures.test.js';
import { defaultPlugins } from '../profile.js';
import { filtersFor, rejectionOf } from '../select-node.js';
import { podFactsOf } from './pod-facts.js';

interface Case {
  readonly name: string;
  readonly pod: PodShape;
  readonly node?: NodeShape;
  /** Placed on the node already. */
  readonly others?: readonly PodShape[];
  /** Undefined when the pod fits. */
  readonly reasons?: readonly string[];
}

function reasonsFor({ pod, node, others = [] }: Case): readonly string[] | undefined {
  const cluster = new ClusterState();
  const view = cluster.setNode(makeNode('n1', node));
  others.forEach((shape, index) => {
    cluster.place(podFactsOf(makePod(`other-${index}`, shape)), 'n1', { assumed: false });
  });
  return rejectionOf(filtersFor(defaultPlugins, podFactsOf(makePod('p', pod))), view)?.reasons;
}

const required = (...expressions: NodeSelectorRequirement[]): PodShape => ({
  spec: {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: expressions }],
        },
      },
    },
  },
});

const tolerating = (...tolerations: Toleration[]): PodShape => ({ spec: { tolerations } });
const port = (hostPort: number, hostIP?: string, protocol?: 'UDP'): PodShape => ({
  spec: {
    containers: [
      {
        name: 'app',
        ports: [
          {
            containerPort: 80,
            hostPort,
            ...(hostIP === undefined ? {} : { hostIP }),
            ...(protocol === undefined ? {} : { protocol }),
          },
        ],
      },
    ],
  },
});

const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' } as const;
const tainted: NodeShape = { spec: { taints: [taint] } };
const untolerated = ['node(s) had untolerated taint(s)'];
const noMatch = ["node(s) didn't match Pod's node affinity/selector"];
const portTaken = ["node(s) didn't have free ports for the requested pod ports"];
const labelled: NodeShape = { labels: { zone: 'a', rank: '5' } };

const cases: readonly Case[] = [
  { name: 'a pod without requests', pod: {} },
  {
    name: 'cpu that fits exactly',
    pod: { requests: { cpu: '1' } },
    others: [{ requests: { cpu: '3' } }],
  },
  {
    name: 'cpu and memory that do not fit',
    pod: { requests: { cpu: '1001m', memory: '8Gi' } },
    others: [{ requests: { cpu: '3', memory: '1' } }],
    reasons: ['Insufficient cpu', 'Insufficient memory'],
  },
  {
    name: 'ephemeral storage',
    pod: { requests: { 'ephemeral-storage': '101Gi' } },
    reasons: ['Insufficient ephemeral-storage'],
  },
  {
    name: 'an extended resource nobody has',
    pod: { requests: { 'example.com/gpu': '1' } },
    reasons: ['Insufficient example.com/gpu'],
  },
  {
    name: 'an extended resource that is there',
    pod: { requests: { 'example.com/gpu': '1' } },
    node: { allocatable: { 'example.com/gpu': '2' } },
    others: [{ requests: { 'example.com/gpu': '1' } }],
  },
  {
    name: 'a full node',
    pod: {},
    node: { allocatable: { pods: '1' } },
    others: [{}],
    reasons: ['Too many pods'],
  },
  {
    name: 'a cordoned node',
    pod: {},
    node: { spec: { unschedulable: true } },
    reasons: ['node(s) were unschedulable'],
  },
  {
    name: 'a cordoned node and a pod that tolerates it',
    pod: tolerating({ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }),
    node: { spec: { unschedulable: true } },
  },
  { name: 'a taint', pod: {}, node: tainted, reasons: untolerated },
  {
    name: 'a taint tolerated by value',
    pod: tolerating({ key: 'gpu', value: 'yes' }),
    node: tainted,
  },
  {
    name: 'a taint of another value',
    pod: tolerating({ key: 'gpu', value: 'no' }),
    node: tainted,
    reasons: untolerated,
  },
  {
    name: 'a taint of another effect',
    pod: tolerating({ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }),
    node: tainted,
    reasons: untolerated,
  },
  { name: 'everything tolerated', pod: tolerating({ operator: 'Exists' }), node: tainted },
  {
    name: 'an empty key without Exists',
    pod: tolerating({ value: 'yes' }),
    node: tainted,
    reasons: untolerated,
  },
  {
    name: 'PreferNoSchedule alone',
    pod: {},
    node: { spec: { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] } },
  },
  {
    name: 'a taint above the bound of Gt',
    pod: tolerating({ key: 'sla', operator: 'Gt', value: '90' }),
    node: { spec: { taints: [{ key: 'sla', value: '95', effect: 'NoSchedule' }] } },
  },
  {
    name: 'a taint below the bound of Gt',
    pod: tolerating({ key: 'sla', operator: 'Gt', value: '90' }),
    node: { spec: { taints: [{ key: 'sla', value: '85', effect: 'NoSchedule' }] } },
    reasons: untolerated,
  },
  {
    name: 'a matching nodeSelector',
    pod: { spec: { nodeSelector: { zone: 'a' } } },
    node: labelled,
  },
  {
    name: 'a nodeSelector of another value',
    pod: { spec: { nodeSelector: { zone: 'b' } } },
    node: labelled,
    reasons: noMatch,
  },
  {
    name: 'In',
    pod: required({ key: 'zone', operator: 'In', values: ['a', 'b'] }),
    node: labelled,
  },
  {
    name: 'NotIn of an absent label',
    pod: required({ key: 'x', operator: 'NotIn', values: ['a'] }),
    node: labelled,
  },
  {
    name: 'NotIn of the value',
    pod: required({ key: 'zone', operator: 'NotIn', values: ['a'] }),
    node: labelled,
    reasons: noMatch,
  },
  { name: 'Exists', pod: required({ key: 'zone', operator: 'Exists' }), node: labelled },
  {
    name: 'DoesNotExist',
    pod: required({ key: 'zone', operator: 'DoesNotExist' }),
    node: labelled,
    reasons: noMatch,
  },
  { name: 'Gt', pod: required({ key: 'rank', operator: 'Gt', values: ['4'] }), node: labelled },
  {
    name: 'Lt',
    pod: required({ key: 'rank', operator: 'Lt', values: ['5'] }),
    node: labelled,
    reasons: noMatch,
  },
  {
    name: 'Gt of what is no number',
    pod: required({ key: 'zone', operator: 'Gt', values: ['4'] }),
    node: labelled,
    reasons: noMatch,
  },
  { name: 'a term without requirements', pod: required(), node: labelled, reasons: noMatch },
  { name: 'the node it names', pod: { spec: { nodeName: 'n1' } } },
  {
    name: 'another node named',
    pod: { spec: { nodeName: 'n2' } },
    reasons: ["node(s) didn't match the requested node name"],
  },
  { name: 'a free host port', pod: port(80), others: [port(81)] },
  { name: 'a taken host port', pod: port(80), others: [port(80)], reasons: portTaken },
  { name: 'a host port of another protocol', pod: port(80), others: [port(80, undefined, 'UDP')] },
  {
    name: 'a host port on different addresses',
    pod: port(80, '10.0.0.1'),
    others: [port(80, '10.0.0.2')],
  },
  {
    name: 'a host port on every address',
    pod: port(80),
    others: [port(80, '10.0.0.2')],
    reasons: portTaken,
  },
  {
    name: 'a host port taken on every address',
    pod: port(80, '10.0.0.1'),
    others: [port(80)],
    reasons: portTaken,
  },
];

for (const one of cases) {
  const outcome = one.reasons === undefined ? 'accept' : 'reject';
  test(`filters ${outcome} ${one.name}`, () => {
    assert.deepEqual(reasonsFor(one), one.reasons);
  });
}
