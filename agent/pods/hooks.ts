/** postStart and preStop handlers. */
import type { Clock } from '../../machinery/clock/clock.js';
import type { LifecycleHandler } from '../../api/core/v1/types.js';
import { checkHttp, portNumber } from '../probes/http-check.js';
import { checkTcp } from '../probes/tcp-check.js';
import type { Runtime } from '../runtime/runtime.js';
import type { HookTarget, RunHook } from './dependencies.js';
import { execCommand } from './exec-command.js';

interface HookOutcome {
  readonly success: boolean;
  readonly message: string;
}

async function outcomeOf(
  { runtime, clock }: { readonly runtime: Runtime; readonly clock: Clock },
  handler: LifecycleHandler,
  { container, containerId, podIP, signal }: HookTarget,
): Promise<HookOutcome> {
  if (handler.exec !== undefined) {
    return execCommand(runtime, { containerId, command: handler.exec.command ?? [] }, signal);
  }
  if (handler.httpGet !== undefined)
    return checkHttp(handler.httpGet, { container, podIP, signal });
  if (handler.sleep !== undefined) {
    await clock.sleep(handler.sleep.seconds * 1000, signal);
    return { success: true, message: '' };
  }
  if (handler.tcpSocket !== undefined) {
    const { host = podIP, port: named } = handler.tcpSocket;
    const port = portNumber(named, container);
    if (port === undefined) return { success: false, message: `couldn't find port: ${named}` };
    return checkTcp({ host, port }, signal);
  }
  return { success: false, message: 'the handler says nothing to do' };
}

/** Runs a handler to its end; rejects with what went wrong. */
export const hookRunner =
  (dependencies: { readonly runtime: Runtime; readonly clock: Clock }): RunHook =>
  async (handler, target) => {
    const { success, message } = await outcomeOf(dependencies, handler, target);
    if (!success) throw new Error(message);
  };
