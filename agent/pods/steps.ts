/** The steps a plan is made of. Each is idempotent and has one executor in `executors.ts`. */

export type Step =
  | { readonly type: 'mountVolumes' }
  | { readonly type: 'unmountVolumes' }
  | { readonly type: 'createSandbox'; readonly attempt: number }
  | { readonly type: 'startSandbox'; readonly sandboxId: string }
  | { readonly type: 'removeSandbox'; readonly sandboxId: string }
  | { readonly type: 'setupNetwork'; readonly sandboxId: string }
  | { readonly type: 'teardownNetwork'; readonly sandboxId: string }
  | { readonly type: 'getImage'; readonly container: string }
  | {
      readonly type: 'createContainer';
      readonly container: string;
      readonly attempt: number;
      readonly sandboxId: string;
    }
  | { readonly type: 'startContainer'; readonly container: string; readonly id: string }
  | {
      readonly type: 'beginKill';
      readonly container: string;
      readonly id: string;
      readonly graceMs: number;
      /** Why, as the Killing event says it. */
      readonly message: string;
    }
  | { readonly type: 'runPreStop'; readonly container: string; readonly id: string }
  | {
      readonly type: 'signalContainer';
      readonly container: string;
      readonly id: string;
      readonly signal: 'TERM' | 'KILL';
    }
  | { readonly type: 'removeContainer'; readonly container: string; readonly id: string }
  | { readonly type: 'deletePod' };

export type StepType = Step['type'];

/** What a plan says: things to do now, nothing left to do, or what must happen first. */
export type Plan =
  | { readonly steps: readonly Step[] }
  | { readonly settled: true }
  | { readonly waitingFor: string; readonly untilMs?: number };

/** Under which key a failure of the step is remembered; undefined for steps that are just tried again. */
export function failureKey(step: Step): string {
  switch (step.type) {
    case 'createSandbox':
    case 'startSandbox':
      return 'sandbox';
    case 'setupNetwork':
      return 'network';
    case 'mountVolumes':
      return 'volumes';
    case 'getImage':
      return `image:${step.container}`;
    case 'createContainer':
    case 'startContainer':
      return `create:${step.container}`;
    case 'unmountVolumes':
    case 'removeSandbox':
    case 'teardownNetwork':
    case 'removeContainer':
    case 'beginKill':
    case 'runPreStop':
    case 'signalContainer':
    case 'deletePod':
      return `${step.type}${'id' in step ? `:${step.id}` : ''}`;
  }
}
