/** The rows of the master's configuration that choose admission plugins. */
import { z } from 'zod';
import type { ConfigRow, ConfigTable } from '../machinery/config/config.js';
import { optionalRow, text, textList, wholeNumber } from '../machinery/config/shared-rows.js';
import { defaultTolerationSeconds } from './admission/limits.js';
import { isPluginName, pluginNames } from './admission/plugin-names.js';

export interface AdmissionConfig {
  readonly enableAdmissionPlugins: readonly string[];
  readonly disableAdmissionPlugins: readonly string[];
  readonly admissionControlConfigFile: string | undefined;
  readonly defaultNotReadyTolerationSeconds: number;
  readonly defaultUnreachableTolerationSeconds: number;
}

const names = textList.transform((list, context): readonly string[] => {
  const unknown = list.find((name) => !isPluginName(name));
  if (unknown === undefined) return list;
  context.addIssue(`${unknown} is no admission plugin; there are ${pluginNames.join(', ')}`);
  return z.NEVER;
});

const row = (flag: string, help: string): ConfigRow<readonly string[]> => ({
  flag,
  schema: names,
  default: [],
  placeholder: 'NAME,NAME',
  help,
});

const seconds = (flag: string, taint: string): ConfigRow<number> => ({
  flag,
  schema: wholeNumber(0),
  default: defaultTolerationSeconds,
  placeholder: 'N',
  help: `How long pods that say nothing of it stay on a node with the taint ${taint}:NoExecute`,
});

export const admissionTable: ConfigTable<AdmissionConfig> = {
  enableAdmissionPlugins: row(
    'enable-admission-plugins',
    'Admission plugins to run beside those that run anyway; their order does not matter',
  ),
  disableAdmissionPlugins: row(
    'disable-admission-plugins',
    'Admission plugins that run by default and should not',
  ),
  admissionControlConfigFile: optionalRow('admission-control-config-file', text, {
    placeholder: 'FILE',
    help: 'An AdmissionConfiguration, apiserver.config.k8s.io/v1, with the settings of single plugins',
  }),
  defaultNotReadyTolerationSeconds: seconds(
    'default-not-ready-toleration-seconds',
    'node.kubernetes.io/not-ready',
  ),
  defaultUnreachableTolerationSeconds: seconds(
    'default-unreachable-toleration-seconds',
    'node.kubernetes.io/unreachable',
  ),
};
