/** The settings of fairness, under Kubernetes' names; rows of the master's table. */
import type { ConfigRow, ConfigTable } from '../machinery/config/config.js';
import { wholeNumber } from '../machinery/config/shared-rows.js';
import { defaultReads, defaultWrites } from './server/flow-control/limits.js';

export interface FairnessConfig {
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
}

const count = (flag: string, standard: number, help: string): ConfigRow<number> => ({
  flag,
  schema: wholeNumber(1),
  default: standard,
  placeholder: 'N',
  help,
});

export const fairnessTable: ConfigTable<FairnessConfig> = {
  maxRequestsInflight: count(
    'max-requests-inflight',
    defaultReads,
    'With --max-mutating-requests-inflight, how many requests are served at the same time; priority levels share them',
  ),
  maxMutatingRequestsInflight: count(
    'max-mutating-requests-inflight',
    defaultWrites,
    'See --max-requests-inflight',
  ),
};
