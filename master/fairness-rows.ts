/** The settings of fairness, under Kubernetes' names; rows of the master's table. */
import { z } from 'zod';
import type { ConfigRow, ConfigTable } from '../machinery/config/config.js';
import { defaultReads, defaultWrites } from './server/flow-control/limits.js';

export interface FairnessConfig {
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
}

const count = (flag: string, standard: number, help: string): ConfigRow<number> => ({
  flag,
  schema: z.coerce
    .number('it must be a number')
    .int('it must be a whole number')
    .min(1, 'it must be at least 1'),
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
