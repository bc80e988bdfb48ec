/**
 * One executor a step. An executor does its step and remembers the result in the pod's memory or the runtime view; it
 * decides nothing and throws what goes wrong, for the worker to remember.
 */
import { createContainer, startContainer } from './executors/container.js';
import { runPreStop } from './executors/hooks.js';
import { getImage } from './executors/image.js';
import type { PodContext, StepOf } from './executors/pod-context.js';
import {
  createSandbox,
  startSandbox,
  removeSandbox,
  setupNetwork,
  teardownNetwork,
} from './executors/sandbox.js';
import { beginKill, signalContainer, removeContainer, deletePod } from './executors/stopping.js';
import { mountVolumes, unmountVolumes } from './executors/volumes.js';
import type { Step, StepType } from './steps.js';

type Executors = {
  readonly [Type in StepType]: (context: PodContext, step: StepOf<Type>) => Promise<void>;
};

const executors: Executors = {
  mountVolumes,
  unmountVolumes,
  createSandbox,
  startSandbox,
  removeSandbox,
  setupNetwork,
  teardownNetwork,
  getImage,
  createContainer,
  startContainer,
  beginKill,
  runPreStop,
  signalContainer,
  removeContainer,
  deletePod,
};

/** Executes one step with the executor of its type. */
export async function execute(context: PodContext, step: Step): Promise<void> {
  // The table pairs each step type with an executor of that very type, which the compiler cannot follow here.
  const executor = executors[step.type] as (context: PodContext, step: Step) => Promise<void>;
  await executor(context, step);
}
