/** Whether a container that ended is started again, by its own rules and its pod's. Called by the validation of a pod's status. Pure. */
import type { Container, PodSpec } from '../types.js';

type RestartPolicy = NonNullable<PodSpec['restartPolicy']>;

const followsPolicy = (policy: RestartPolicy, exitCode: number): boolean =>
  policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);

/** Whether a rule of the container is about this exit code; every action is one of restarting. */
const matchesRule = ({ restartPolicyRules = [] }: Container, exitCode: number): boolean =>
  restartPolicyRules.some(({ exitCodes }) => {
    if (exitCodes === undefined) return false;
    const isListed = exitCodes.values?.includes(exitCode) ?? false;
    return (exitCodes.operator === 'In') === isListed;
  });

/** Whether the container may be started again after it ended with an exit code. */
export function mayRestart(container: Container, spec: PodSpec, exitCode: number): boolean {
  const { restartPolicy } = container;
  if (restartPolicy === undefined) return followsPolicy(spec.restartPolicy ?? 'Always', exitCode);
  return matchesRule(container, exitCode) || followsPolicy(restartPolicy, exitCode);
}

/** Whether one container may have all of them started again, whatever their own rules. */
export const mayRestartAll = ({ containers, initContainers = [] }: PodSpec): boolean =>
  [...containers, ...initContainers].some(({ restartPolicyRules }) =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );
