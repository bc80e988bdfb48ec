/** What a worker remembers of one pod between plans. Lost when the agent restarts; everything in it can be found again. */
import { stepBackoffInitialMs, stepBackoffMaxMs } from './limits.js';
import type {
  CrashBackoff,
  HookState,
  ImageState,
  KillState,
  ObservedPod,
  StepFailure,
} from './observed.js';
import type { RuntimeView } from './runtime-view.js';
import type { ProbeState } from './observed.js';

export class PodMemory {
  readonly networks = new Map<string, readonly string[]>();
  volumesMounted = false;
  readonly images = new Map<string, ImageState>();
  readonly failures = new Map<string, StepFailure>();
  readonly backoffs = new Map<string, CrashBackoff>();
  readonly hooks = new Map<string, HookState>();
  readonly kills = new Map<string, KillState>();
  readonly probes = new Map<string, ProbeState>();
  /** Termination messages by container id. */
  readonly messages = new Map<string, string>();

  /** Remembers a failed step; each failure in a row doubles the delay before the next try. */
  fail(
    key: string,
    failure: { readonly reason: string; readonly message: string },
    now: number,
  ): StepFailure {
    const count = (this.failures.get(key)?.count ?? 0) + 1;
    const delayMs = Math.min(stepBackoffInitialMs * 2 ** (count - 1), stepBackoffMaxMs);
    const remembered = { ...failure, count, retryAtMs: now + delayMs };
    this.failures.set(key, remembered);
    return remembered;
  }

  /** Drops what is remembered about containers that are gone. */
  forgetContainer(id: string): void {
    for (const map of [this.hooks, this.kills, this.probes, this.messages]) map.delete(id);
  }

  observe(podUid: string, view: RuntimeView): ObservedPod {
    return {
      sandboxes: view.sandboxesOf(podUid),
      containers: view.containersOf(podUid, this.messages),
      networks: Object.fromEntries(this.networks),
      volumesMounted: this.volumesMounted,
      images: Object.fromEntries(this.images),
      failures: Object.fromEntries(this.failures),
      backoffs: Object.fromEntries(this.backoffs),
      hooks: Object.fromEntries(this.hooks),
      kills: Object.fromEntries(this.kills),
      probes: Object.fromEntries(this.probes),
    };
  }
}
