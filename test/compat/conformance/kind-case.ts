/**
 * What the lifecycle of `lifecycles.lab.ts` has to know of a kind: a smallest object of it, one change to make and one status to
 * report. None of the objects makes a controller do anything lasting.
 */

/** A merge patch, and where to look for what it set. */
export interface Change {
  readonly patch: object;
  readonly place: string;
  readonly value: unknown;
}

export interface KindCase {
  /** The resource's plural name. */
  readonly resource: string;
  readonly groupVersion: string;
  readonly kind: string;
  readonly clusterScoped?: true;
  /** The object beside its kind and metadata. */
  readonly body: object;
  /** The same where it depends on the name. */
  readonly bodyOf?: (name: string) => object;
  /** Names of three objects, where not any name will do. */
  readonly names?: readonly [string, string, string];
  readonly change: Change;
  /** Where the kind has a status of its own: what is reported in it. */
  readonly status?: Change;
  /** Metadata sent to `/status` is left out. */
  readonly statusKeepsMetadata?: true;
  /** Where the kind can be scaled: the replicas wanted. */
  readonly scales?: true;
  /** A controller writes the status too. */
  readonly statusIsWrittenByOthers?: true;
  readonly noCollectionDelete?: true;
}

/** Where the namespaced objects are. */
export const lifecycleNamespace = 'conformance-lifecycles';

/** A label set to this value. */
export const labelled = (value: string): Change => ({
  patch: { metadata: { labels: { changed: value } } },
  place: 'metadata.labels.changed',
  value,
});

/** A merge patch and what it makes of one place. */
export const set = (patch: object, place: string, value: unknown): Change => ({
  patch,
  place,
  value,
});

const condition = (type: string): object => ({
  type,
  status: 'True',
  reason: 'Conformance',
  message: 'Said by the conformance test.',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

/** A condition of this type. */
export const reports = (type = 'Conformance'): Change => ({
  patch: { status: { conditions: [condition(type)] } },
  place: 'status.conditions[0].reason',
  value: 'Conformance',
});

/** A pod that no scheduler takes. */
export const podSpec = {
  schedulerName: 'nobody',
  terminationGracePeriodSeconds: 0,
  containers: [{ name: 'main', image: 'example.com/none' }],
};

/** Pods that nothing runs. */
export const template = { metadata: { labels: { app: 'none' } }, spec: podSpec };

/** Selects the pods of `template`. */
export const selector = { matchLabels: { app: 'none' } };
