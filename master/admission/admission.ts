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
import type { AdmissionStep, StepEnded } from './admission-metrics.js';

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

/** A plugin in one half of the chain, for one sort of requests. */
interface Step {
  readonly plugin: AdmissionPlugin;
  readonly ended: StepEnded;
}

/** One half of the chain for one sort of requests. */
interface Half {
  readonly phase: Phase;
  readonly steps: readonly Step[];
  /** Told of all steps together. */
  readonly ended: StepEnded;
}

/** Looks on while plugins are asked about requests. */
export interface StepWatch {
  readonly monotonicMs: () => number;
  /** Asked once for each step of each sort of requests. */
  readonly stepEnded: (step: AdmissionStep) => StepEnded;
}

const unwatched: StepWatch = { monotonicMs: () => 0, stepEnded: () => () => undefined };

const isBusy = ({ idle }: AdmissionPlugin): boolean => !idle?.();

export class AdmissionChain {
  private readonly plugins: readonly AdmissionPlugin[];
  private readonly halves = new WeakMap<ResourceDefinition, Map<string, Record<Phase, Half>>>();
  private readonly watch: StepWatch;

  constructor(plugins: readonly AdmissionPlugin[], watch: StepWatch = unwatched) {
    this.plugins = plugins;
    this.watch = watch;
  }

  /** `attributesOf` is called only where a plugin is concerned. */
  mutate(sort: RequestSort, attributesOf: () => AdmissionAttributes): Admitting {
    const { mutate } = this.halvesFor(sort);
    if (mutate.steps.length === 0) return undefined;
    let attributes: AdmissionAttributes | undefined;
    const current = (): AdmissionAttributes => (attributes ??= attributesOf());
    return this.timed(mutate.ended, () => {
      const admitting = this.run(mutate, current);
      if (admitting !== undefined) return admitting.then(() => this.runAgain(mutate, attributes));
      return this.runAgain(mutate, attributes);
    });
  }

  validate(sort: RequestSort, attributesOf: () => AdmissionAttributes): Admitting {
    const { validate } = this.halvesFor(sort);
    if (validate.steps.length === 0) return undefined;
    return this.timed(validate.ended, () => this.run(validate, attributesOf));
  }

  /** Runs the plugins that have something to do; the attributes are made for the first of them. */
  private run(half: Half, attributesOf: () => AdmissionAttributes, from = 0): Admitting {
    const { phase, steps } = half;
    let attributes: AdmissionAttributes | undefined;
    for (let position = from; position < steps.length; position += 1) {
      const step = steps[position];
      if (step === undefined || !isBusy(step.plugin)) continue;
      const current = (attributes ??= attributesOf());
      const admitting = this.timed(step.ended, () => step.plugin[phase]?.(current));
      if (admitting !== undefined) {
        return admitting.then(() => this.run(half, () => current, position + 1));
      }
    }
    return undefined;
  }

  private runAgain(half: Half, attributes: AdmissionAttributes | undefined): Admitting {
    if (attributes === undefined) return undefined;
    const { pass } = attributes;
    if (!pass.again || pass.isReinvocation) return undefined;
    pass.isReinvocation = true;
    return this.run(half, () => attributes);
  }

  private timed(ended: StepEnded, act: () => Admitting): Admitting {
    const { monotonicMs } = this.watch;
    const begunMs = monotonicMs();
    let admitting: Admitting;
    try {
      admitting = act();
    } catch (error) {
      ended(monotonicMs() - begunMs, true);
      throw error;
    }
    if (admitting !== undefined) {
      return admitting.then(
        () => {
          ended(monotonicMs() - begunMs, false);
        },
        (error: unknown) => {
          ended(monotonicMs() - begunMs, true);
          throw error;
        },
      );
    }
    ended(monotonicMs() - begunMs, false);
    return undefined;
  }

  private halvesFor(sort: RequestSort): Record<Phase, Half> {
    const { resource, subresource, operation } = sort;
    let known = this.halves.get(resource);
    if (known === undefined)
      this.halves.set(resource, (known = new Map<string, Record<Phase, Half>>()));
    const key = subresource === '' ? operation : `${operation}/${subresource}`;
    let halves = known.get(key);
    if (halves === undefined) {
      const concerned = this.plugins.filter((plugin) => plugin.concerns(sort));
      halves = {
        mutate: this.half('mutate', operation, concerned),
        validate: this.half('validate', operation, concerned),
      };
      known.set(key, halves);
    }
    return halves;
  }

  private half(phase: Phase, operation: string, concerned: readonly AdmissionPlugin[]): Half {
    const { stepEnded } = this.watch;
    const type = phase === 'mutate' ? 'admit' : 'validate';
    return {
      phase,
      steps: concerned
        .filter((plugin) => plugin[phase] !== undefined)
        .map((plugin) => ({
          plugin,
          ended: stepEnded({ type, operation, plugin: plugin.name }),
        })),
      ended: stepEnded({ type, operation }),
    };
  }
}
