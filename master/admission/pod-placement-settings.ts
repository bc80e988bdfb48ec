/** What PodNodeSelector and PodTolerationRestriction are told of the whole cluster, and how it is written in their configuration. */
import { z } from 'zod';
import { validateToleration } from '../../api/core/v1/pod/validate-scheduling.js';
import type { Toleration } from '../../api/core/v1/types.js';
import { index } from '../../api/validation/field-error.js';
import { labelsFrom } from './plain-selector.js';

type Labels = Readonly<Record<string, string>>;

/** Where the pods of a cluster run. */
export interface NodeSelectorSettings {
  /** For namespaces that say nothing themselves. */
  readonly standard: Labels;
  /** By namespace, all that its pods may select by; pods of others select as they like. */
  readonly allowed: ReadonlyMap<string, Labels>;
}

/** What holds for namespaces that say nothing themselves. */
export interface TolerationSettings {
  /** What their pods are given. */
  readonly standard: readonly Toleration[];
  /** What their pods may tolerate; everything where the list is empty. */
  readonly allowed: readonly Toleration[];
}

const clusterWide = 'clusterDefaultNodeSelector';

const selector = z
  .string()
  .refine((text) => labelsFrom(text) !== undefined, 'it must be labels such as a=1,b=2')
  .transform((text) => labelsFrom(text) ?? {});

/** The one way to write it, without a version. */
export const nodeSelectorSchema = z
  .strictObject({ podNodeSelectorPluginConfig: z.record(z.string(), selector).nullish() })
  .transform(({ podNodeSelectorPluginConfig: all }): NodeSelectorSettings => {
    const { [clusterWide]: standard = {}, ...allowed } = all ?? {};
    return { standard, allowed: new Map(Object.entries(allowed)) };
  });

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().optional(),
});

const tolerations = z
  .array(toleration)
  .nullish()
  .transform((list, context): readonly Toleration[] => {
    const found = list ?? [];
    for (const { field, message } of found.flatMap((one, at) =>
      validateToleration(one, index('', at)),
    )) {
      context.addIssue(`${field}: ${message}`);
    }
    return found;
  });

/** `default` and `whitelist`, as Kubernetes calls them. */
export const tolerationsSchema = z
  .strictObject({
    apiVersion: z.literal('podtolerationrestriction.admission.k8s.io/v1alpha1'),
    kind: z.literal('Configuration'),
    default: tolerations,
    whitelist: tolerations,
  })
  .transform((value): TolerationSettings => ({
    standard: value.default,
    allowed: value.whitelist,
  }));
