/** What the declarations of workloads share. Called by the kinds of this group and by ReplicationControllers. */
import { podNameWarnings, templateWarnings } from '../../core/v1/pod/warnings.js';
import type { PodTemplateSpec } from '../../core/v1/types.js';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.js';
import type { ScaleSubresource } from '../../schema/resource.js';
import { string, time } from '../../schema/schema.js';
import { formatLabelMatcher, labelMatcherFrom } from '../../selectors/label.js';

/** The fields of a workload's conditions beside their type. */
export const workloadConditionFields = {
  lastTransitionTime: time(3, 'When the status last changed.', { nullWhenUnset: true }),
  message: string(5, 'Text for people that says why.'),
  reason: string(4, 'One word for programs that says why.'),
  status: string(2, 'Whether it holds: True, False or Unknown.', { required: true }),
};

interface Workload extends KubeObject {
  readonly spec: { readonly template?: PodTemplateSpec | undefined };
}

interface ReplicatedWorkload extends KubeObject {
  readonly spec: { replicas?: number | undefined; readonly selector: LabelSelector };
  readonly status?: { readonly replicas?: number | undefined } | undefined;
}

/** The scale of a workload that asks for a number of pods. */
export const replicatedScale: ScaleSubresource<ReplicatedWorkload> = {
  replicas: ({ spec }) => spec.replicas ?? 0,
  setReplicas: (draft, replicas) => {
    draft.spec.replicas = replicas;
  },
  statusReplicas: ({ status }) => status?.replicas ?? 0,
  selector: ({ spec }) => formatLabelMatcher(labelMatcherFrom(spec.selector)),
};

/** Warnings about the template of a workload, where it is new or changes. */
export const workloadWarnings = (
  { spec }: Workload,
  stored: Workload | undefined,
): readonly string[] => templateWarnings(spec.template, stored?.spec.template, 'spec.template');

/** The same for workloads whose pods are named after them at once. */
export const replicatedWarnings = (
  draft: Workload,
  stored: Workload | undefined,
): readonly string[] => [
  ...(stored === undefined ? podNameWarnings(draft.metadata.name) : []),
  ...workloadWarnings(draft, stored),
];
