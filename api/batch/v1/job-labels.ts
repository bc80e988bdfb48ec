/** The selector and labels by which a Job finds its pods, made for every Job that does not bring its own. Pure. */
import type { Job } from './types.js';

type Labels = Readonly<Record<string, string>>;

/** The label with a Job's uid, by its two names. */
export const jobUidLabels = {
  legacy: 'controller-uid',
  prefixed: 'batch.kubernetes.io/controller-uid',
} as const;

/** The label with a Job's name, by its two names. */
export const jobNameLabels = {
  legacy: 'job-name',
  prefixed: 'batch.kubernetes.io/job-name',
} as const;

const sameLabels = (a: Labels = {}, b: Labels = {}): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, value]) => b[name] === value);

/**
 * Labels the template and selects the label. What the client set stays; validation refuses it if it is wrong. A Job without
 * labels of its own has those of its template, and so these too.
 */
export function generateSelector({ metadata, spec }: Job): void {
  if (spec.manualSelector === true) return;
  const hasTemplateLabels = sameLabels(metadata.labels, spec.template.metadata?.labels);
  const template = (spec.template.metadata ??= {} as NonNullable<typeof spec.template.metadata>);
  // A Job without a name is refused later, in words of its own.
  const { name = '' } = metadata as Partial<typeof metadata>;
  template.labels = {
    [jobNameLabels.prefixed]: name,
    [jobNameLabels.legacy]: name,
    [jobUidLabels.prefixed]: metadata.uid,
    [jobUidLabels.legacy]: metadata.uid,
    ...template.labels,
  };
  if (hasTemplateLabels) metadata.labels = { ...template.labels };
  const selector = (spec.selector ??= {});
  selector.matchLabels = { [jobUidLabels.prefixed]: metadata.uid, ...selector.matchLabels };
}
