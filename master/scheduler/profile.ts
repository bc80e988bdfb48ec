/** The plugins of the default scheduler, in the order filters are asked: the first that rejects a node has its say. */
import { balancedAllocation } from './plugins/balanced-allocation.js';
import { imageLocality } from './plugins/image-locality.js';
import { nodeAffinity } from './plugins/node-affinity.js';
import { nodeName } from './plugins/node-name.js';
import { nodePorts } from './plugins/node-ports.js';
import { nodeResourcesFit } from './plugins/node-resources-fit.js';
import { nodeUnschedulable } from './plugins/node-unschedulable.js';
import type { Plugin } from './plugins/plugin.js';
import { selectorSpread } from './plugins/selector-spread.js';
import { taintToleration } from './plugins/taint-toleration.js';

/** The `spec.schedulerName` this scheduler answers to. */
export const defaultSchedulerName = 'default-scheduler';

/** All of them. */
export const defaultPlugins: readonly Plugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  balancedAllocation,
  imageLocality,
  selectorSpread,
];
