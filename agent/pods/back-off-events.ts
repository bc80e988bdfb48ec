/** Tells, in events, of containers whose next start is held back. Made by the pod's worker. */
import type { PodStatus } from '../../api/core/v1/types.js';
import { containerEvent, type PodContext, requirePod } from './executors/pod-context.js';
import { podText } from './status.js';

export class BackOffEvents {
  private readonly context: PodContext;
  /** By container, the instance whose end was told of. */
  private readonly told = new Map<string, string>();

  constructor(context: PodContext) {
    this.context = context;
  }

  /** One event for each end of a container that is waited after. */
  tell({ initContainerStatuses = [], containerStatuses = [] }: PodStatus): void {
    for (const { name, state, lastState } of [...initContainerStatuses, ...containerStatuses]) {
      const ended = lastState?.terminated?.containerID;
      if (state?.waiting?.reason !== 'CrashLoopBackOff' || ended === undefined) continue;
      if (this.told.get(name) === ended) continue;
      this.told.set(name, ended);
      const pod = podText(requirePod(this.context));
      const message = `Back-off restarting failed container ${name} in pod ${pod}`;
      containerEvent(this.context, name, { type: 'Warning', reason: 'BackOff', message });
    }
  }
}
