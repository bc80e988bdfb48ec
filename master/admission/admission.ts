/**
 * The admission step: a chain of checks and changes that writes pass after authorisation and before validation, in Kubernetes'
 * order. `mutate` may change the draft, `validate` only refuses.
 *
 * Called by the server for every write, and for every connection through a pod. Plugins read other objects through an
 * `AdmissionReader` and never write. A request that no plugin is concerned with must cost next to nothing.
 */
import type { AskedResource } from '../../api/admissionregistration/cel/authorizer.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Requester } from '../../api/schema/resource.js';
import type { StepObservation } from './admission-metrics.js';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What decides whether a plugin is concerned at all. */
export interface RequestSort {
  readonly operation: AdmissionOperation;
  readonly resource: ResourceDefinition;
  /** Empty for the resource itself. */
  readonly subresource: string;
}

/** The state of one trip through the mutating half of the chain, which may be taken a second time. */
export interface MutationPass {
  /** The second time: an object was changed after a plugin that wanted to see such changes had looked at it. */
  isReinvocation: boolean;
  /** Set by a plugin to have the chain run again; heard in the first pass only. */
  again: boolean;
}

export interface AdmissionAttributes extends RequestSort {
  readonly namespace: string;
  /** Empty where the name is still to be generated. */
  readonly name: string;
  /** The draft; absent for deletions. */
  readonly object?: KubeObject | undefined;
  readonly stored?: KubeObject | undefined;
  readonly dryRun: boolean;
  readonly user: Requester;
  /** CreateOptions, UpdateOptions or DeleteOptions of the request; null for connections. */
  readonly options: () => object | null;
  /** A message for the `Warning` header of the answer. */
  readonly warn: (message: string) => void;
  /** A fact for the audit record of the request; the key is `plugin.domain/name`. */
  readonly audit: (key: string, value: string) => void;
  /** Whether the record tells what was sent, so that it may tell what became of it. */
  readonly auditsBodies: boolean;
  /** When the request has to be answered, by the monotonic clock; infinite where it may take as long as it likes. */
  readonly answerByMs: () => number;
  /** Calls back once it is known whether the write came about; not called after `mutate` alone. */
  readonly onSettled: (settled: (written: boolean) => void) => void;
  readonly pass: MutationPass;
}

/** What a plugin answers: nothing, or a promise where it has to wait for something. Refusals are thrown. */
export type Admitting = void | Promise<void>;

export interface AdmissionPlugin {
  readonly name: string;
  /** Whether requests of a sort are its business. Asked once a sort and remembered, so it may look at nothing else. */
  readonly concerns: (sort: RequestSort) => boolean;
  /** True while there is nothing it could do, such as no webhook being configured. Asked for each request. */
  readonly idle?: () => boolean;
  readonly mutate?: (attributes: AdmissionAttributes) => Admitting;
  readonly validate?: (attributes: AdmissionAttributes) => Admitting;
}

/** What plugins know of the cluster, as of every write acknowledged so far. What it gives must not be changed. */
export interface AdmissionReader {
  readonly find: (
    group: string,
    plural: string,
    key: { readonly namespace: string; readonly name: string },
  ) => KubeObject | undefined;
  /** In the order of names; of all namespaces when none is given. Empty for a resource that is not served. */
  readonly list: (group: string, plural: string, namespace?: string) => readonly KubeObject[];
  /** Of a kind that is always served. */
  readonly count: (group: string, plural: string) => number;
  /** Grows with every change of a resource that is always served, so that what is worked out from all its objects can be kept. */
  readonly changedAt: (group: string, plural: string) => number;
}

/** What a plugin asks authorisation: whether a user may do something. */
export interface AccessRequest {
  readonly user: Requester;
  readonly verb: string;
  readonly resource?: AskedResource;
  readonly path?: string;
}

interface Permission {
  readonly allowed: boolean;
  readonly reason: string;
  /** Why it could not be decided, where that is so. */
  readonly error?: string;
}

/** What authorisation decides, where it takes no time. */
export type ImmediateAuthorizer = (request: AccessRequest) => Permission;

/** What authorisation decides. */
export type AdmissionAuthorizer = (request: AccessRequest) => Permission | Promise<Permission>;

type Phase = 'mutate' | 'validate';

interface Steps {
  readonly mutate: readonly AdmissionPlugin[];
  readonly validate: readonly AdmissionPlugin[];
}

const isBusy = ({ idle }: AdmissionPlugin): boolean => !idle?.();

/** Who is asked, what, and who looks on. */
interface Asking {
  readonly plugins: readonly AdmissionPlugin[];
  readonly phase: Phase;
  readonly watch: StepWatch;
}

const typeOf = { mutate: 'admit', validate: 'validate' } as const;

/** Runs the plugins that have something to do; the attributes are made for the first of them. */
function run(asking: Asking, attributesOf: () => AdmissionAttributes, from = 0): Admitting {
  const { plugins, phase, watch } = asking;
  let attributes: AdmissionAttributes | undefined;
  for (let position = from; position < plugins.length; position += 1) {
    const plugin = plugins[position];
    if (plugin === undefined || !isBusy(plugin)) continue;
    const current = (attributes ??= attributesOf());
    const { operation } = current;
    const admitting = watch({ type: typeOf[phase], operation, plugin: plugin.name }, () =>
      plugin[phase]?.(current),
    );
    if (admitting !== undefined) {
      return admitting.then(() => run(asking, () => current, position + 1));
    }
  }
  return undefined;
}

/** Looks on while a plugin, or all of them, are asked about a request. */
export type StepWatch = (
  step: Pick<StepObservation, 'type' | 'operation' | 'plugin'>,
  act: () => Admitting,
) => Admitting;

export class AdmissionChain {
  private readonly plugins: readonly AdmissionPlugin[];
  private readonly steps = new WeakMap<ResourceDefinition, Map<string, Steps>>();

  private readonly watch: StepWatch;

  constructor(plugins: readonly AdmissionPlugin[], watch: StepWatch = (_step, act) => act()) {
    this.plugins = plugins;
    this.watch = watch;
  }

  /** `attributesOf` is called only where a plugin is concerned. */
  mutate(sort: RequestSort, attributesOf: () => AdmissionAttributes): Admitting {
    const { mutate } = this.stepsFor(sort);
    if (mutate.length === 0) return undefined;
    const { watch } = this;
    const { operation } = sort;
    const asking: Asking = { plugins: mutate, phase: 'mutate', watch };
    return watch({ type: 'admit', operation }, () => {
      let attributes: AdmissionAttributes | undefined;
      const admitting = run(asking, () => (attributes ??= attributesOf()));
      if (admitting !== undefined) return admitting.then(() => runAgain(asking, attributes));
      return runAgain(asking, attributes);
    });
  }

  validate(sort: RequestSort, attributesOf: () => AdmissionAttributes): Admitting {
    const { validate } = this.stepsFor(sort);
    if (validate.length === 0) return undefined;
    const { watch } = this;
    const { operation } = sort;
    return watch({ type: 'validate', operation }, () =>
      run({ plugins: validate, phase: 'validate', watch }, attributesOf),
    );
  }

  private stepsFor(sort: RequestSort): Steps {
    const { resource, subresource, operation } = sort;
    let known = this.steps.get(resource);
    if (known === undefined) this.steps.set(resource, (known = new Map<string, Steps>()));
    const key = subresource === '' ? operation : `${operation}/${subresource}`;
    let steps = known.get(key);
    if (steps === undefined) {
      const concerned = this.plugins.filter((plugin) => plugin.concerns(sort));
      steps = {
        mutate: concerned.filter((plugin) => plugin.mutate !== undefined),
        validate: concerned.filter((plugin) => plugin.validate !== undefined),
      };
      known.set(key, steps);
    }
    return steps;
  }
}

function runAgain(asking: Asking, attributes: AdmissionAttributes | undefined): Admitting {
  if (attributes === undefined) return undefined;
  const { pass } = attributes;
  if (!pass.again || pass.isReinvocation) return undefined;
  pass.isReinvocation = true;
  return run(asking, () => attributes);
}
