/** What `kubectl describe node` tells of the node's past, in the kubelet's words. Pure. */
import type { NodeCondition } from '../../api/core/v1/types.js';

/** An event about the node itself; all of them are of type Normal. */
export interface NodeEvent {
  readonly reason: string;
  readonly message: string;
}

/** The first event of an agent that begins. */
export const starting: NodeEvent = { reason: 'Starting', message: 'Starting kubelet.' };

const reasons: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { True: 'NodeReady', False: 'NodeNotReady' },
  MemoryPressure: { True: 'NodeHasInsufficientMemory', False: 'NodeHasSufficientMemory' },
  DiskPressure: { True: 'NodeHasDiskPressure', False: 'NodeHasNoDiskPressure' },
  PIDPressure: { True: 'NodeHasInsufficientPID', False: 'NodeHasSufficientPID' },
};

/** One event for each condition that came to be otherwise. */
export function conditionEvents(
  nodeName: string,
  before: readonly NodeCondition[],
  after: readonly NodeCondition[],
): readonly NodeEvent[] {
  return after.flatMap(({ type, status }): readonly NodeEvent[] => {
    const reason = reasons[type]?.[status];
    const known = before.find((condition) => condition.type === type);
    if (reason === undefined || known?.status === status) return [];
    return [{ reason, message: `Node ${nodeName} status is now: ${reason}` }];
  });
}
