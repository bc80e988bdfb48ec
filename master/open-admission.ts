/** Reads what the settings say of admission: which plugins run, and the file that configures them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readWebhookCredentials } from '../machinery/client/webhook-credentials.js';
import type { CredentialsFor } from '../machinery/client/webhook-credentials.js';
import { readNamedFile } from '../machinery/config/named-file.js';
import type { AdmissionConfig } from './admission-rows.js';
import {
  parseAdmissionConfiguration,
  standardAdmissionSettings,
} from './admission/configuration.js';
import { defaultTolerationSeconds } from './admission/limits.js';
import type { AdmissionSettings } from './admission/configuration.js';
import type { AdmissionSelection } from './admission/plugin-names.js';

export interface AdmissionSetUp {
  readonly selection: AdmissionSelection;
  readonly settings: AdmissionSettings;
  /** Who webhooks are called as, by plugin. */
  readonly webhookCredentials: {
    readonly mutating: CredentialsFor | undefined;
    readonly validating: CredentialsFor | undefined;
  };
}

async function settingsFrom(file: string): Promise<AdmissionSettings> {
  const read = (named: string): Promise<string> =>
    readFile(path.resolve(path.dirname(file), named), 'utf8');
  const { value } = await readNamedFile({ flag: 'admission-control-config-file', file }, (text) =>
    parseAdmissionConfiguration(text, read),
  );
  return value;
}

/** Throws ConfigError or KubeconfigError where the settings cannot be followed. */
export async function openAdmission(config: Partial<AdmissionConfig>): Promise<AdmissionSetUp> {
  const { admissionControlConfigFile: file } = config;
  const settings = file === undefined ? standardAdmissionSettings : await settingsFrom(file);
  const credentialsIn = (named: string | undefined): CredentialsFor | undefined =>
    named === undefined
      ? undefined
      : readWebhookCredentials(path.resolve(path.dirname(file ?? ''), named));
  const { MutatingAdmissionWebhook, ValidatingAdmissionWebhook } = settings.webhookKubeconfigs;
  return {
    selection: {
      enable: config.enableAdmissionPlugins ?? [],
      disable: config.disableAdmissionPlugins ?? [],
    },
    settings: {
      ...settings,
      tolerationSeconds: {
        notReady: config.defaultNotReadyTolerationSeconds ?? defaultTolerationSeconds,
        unreachable: config.defaultUnreachableTolerationSeconds ?? defaultTolerationSeconds,
      },
    },
    webhookCredentials: {
      mutating: credentialsIn(MutatingAdmissionWebhook),
      validating: credentialsIn(ValidatingAdmissionWebhook),
    },
  };
}
