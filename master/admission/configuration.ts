/**
 * What an AdmissionConfiguration, `apiserver.config.k8s.io/v1`, says: the settings of single plugins, each inline or in a file of
 * its own. Pure: whoever reads the files hands their text in.
 */
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { defaultTolerationSeconds, eventLimits } from './limits.js';
import { isPluginName } from './plugin-names.js';
import type { LimitedResource } from './plugins/quota-check.js';
import { nodeSelectorSchema, tolerationsSchema } from './pod-placement-settings.js';
import type { NodeSelectorSettings, TolerationSettings } from './pod-placement-settings.js';
import { isLevel, isStandardVersion } from './pod-security/levels.js';
import type { PodSecurityDefaults } from './pod-security/levels.js';
import { errorText } from '../../machinery/error-text.js';

/** How often one kind of bucket lets an event pass. */
export interface EventLimit {
  readonly type: 'Server' | 'Namespace' | 'User' | 'SourceAndObject';
  readonly perSecond: number;
  readonly burst: number;
  /** How many namespaces, users or objects are remembered. */
  readonly kept: number;
}

export interface PodSecuritySettings {
  readonly defaults: PodSecurityDefaults;
  /** Requests of these users, and pods of these namespaces and runtime classes, are not looked at. */
  readonly exemptions: {
    readonly usernames: readonly string[];
    readonly namespaces: readonly string[];
    readonly runtimeClasses: readonly string[];
  };
}

export interface AdmissionSettings {
  readonly eventLimits: readonly EventLimit[];
  readonly podSecurity: PodSecuritySettings;
  readonly nodeSelectors: NodeSelectorSettings;
  readonly tolerations: TolerationSettings;
  /** How long a pod stays on a node that fails unless it says so. */
  readonly tolerationSeconds: { readonly notReady: number; readonly unreachable: number };
  /** What may be used only where a quota is about it. */
  readonly limitedResources: readonly LimitedResource[];
  /** Kubeconfigs whose users the webhooks of a plugin are called as. */
  readonly webhookKubeconfigs: Readonly<
    Partial<Record<'MutatingAdmissionWebhook' | 'ValidatingAdmissionWebhook', string>>
  >;
}

/** A configuration that cannot be used, in words for the person who wrote it. */
export class AdmissionConfigurationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AdmissionConfigurationError';
  }
}

const everythingGoes = { level: 'privileged', version: 'latest' } as const;

/** What holds where no file says otherwise. */
export const standardAdmissionSettings: AdmissionSettings = {
  eventLimits: eventLimits.standard,
  podSecurity: {
    defaults: { enforce: everythingGoes, audit: everythingGoes, warn: everythingGoes },
    exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
  },
  nodeSelectors: { standard: {}, allowed: new Map() },
  tolerations: { standard: [], allowed: [] },
  tolerationSeconds: { notReady: defaultTolerationSeconds, unreachable: defaultTolerationSeconds },
  limitedResources: [],
  webhookKubeconfigs: {},
};

const texts = z.array(z.string()).nullish();
const level = z
  .string()
  .refine(isLevel, 'it must be one of privileged, baseline, restricted')
  .transform((text) => text)
  .default('privileged');
const version = z
  .string()
  .refine(isStandardVersion, 'it must be "latest" or "v1.x"')
  .default('latest');

const fileSchema = z.strictObject({
  apiVersion: z.literal('apiserver.config.k8s.io/v1'),
  kind: z.literal('AdmissionConfiguration'),
  plugins: z
    .array(
      z
        .strictObject({
          name: z.string().refine(isPluginName, 'there is no such admission plugin'),
          path: z.string().optional(),
          configuration: z.unknown().optional(),
        })
        .refine(
          ({ path = '', configuration }) => path === '' || configuration == null,
          'path and configuration exclude one another',
        ),
    )
    .nullish(),
});

const eventRateLimitSchema = z.strictObject({
  apiVersion: z.literal('eventratelimit.admission.k8s.io/v1alpha1'),
  kind: z.literal('Configuration'),
  limits: z
    .array(
      z.strictObject({
        type: z.enum(['Server', 'Namespace', 'User', 'SourceAndObject']),
        qps: z.int32().positive(),
        burst: z.int32().positive(),
        cacheSize: z.int32().nonnegative().optional(),
      }),
    )
    .min(1, 'it needs a limit'),
});

const podSecuritySchema = z.strictObject({
  apiVersion: z.enum([
    'pod-security.admission.config.k8s.io/v1',
    'pod-security.admission.config.k8s.io/v1beta1',
  ]),
  kind: z.literal('PodSecurityConfiguration'),
  defaults: z
    .strictObject({
      enforce: level,
      'enforce-version': version,
      audit: level,
      'audit-version': version,
      warn: level,
      'warn-version': version,
    })
    .prefault({}),
  exemptions: z
    .strictObject({ usernames: texts, namespaces: texts, runtimeClasses: texts })
    .prefault({}),
});

const webhookSchema = z.strictObject({
  apiVersion: z.literal('apiserver.config.k8s.io/v1'),
  kind: z.literal('WebhookAdmissionConfiguration'),
  kubeConfigFile: z.string().min(1, 'it must name a file'),
});

const limitedResourcesSchema = z
  .strictObject({
    apiVersion: z.enum([
      'apiserver.config.k8s.io/v1',
      'resourcequota.admission.k8s.io/v1beta1',
      'resourcequota.admission.k8s.io/v1alpha1',
    ]),
    kind: z.enum(['ResourceQuotaConfiguration', 'Configuration']),
    limitedResources: z
      .array(
        z.strictObject({
          apiGroup: z.string().default(''),
          resource: z.string().min(1, 'it must name a resource'),
          matchContains: texts,
          matchScopes: z
            .array(
              z.strictObject({
                scopeName: z.string(),
                operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
                values: texts,
              }),
            )
            .nullish(),
        }),
      )
      .nullish(),
  })
  .refine(
    ({ apiVersion, kind }) =>
      (kind === 'ResourceQuotaConfiguration') === (apiVersion === 'apiserver.config.k8s.io/v1'),
    'there is no such kind in that version',
  );

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new AdmissionConfigurationError(`${where}: ${issues.join('; ')}`);
}

function parsedYaml(text: string, where: string): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    const why = errorText(cause);
    throw new AdmissionConfigurationError(`${where}: ${why}`, { cause });
  }
}

function podSecurityFrom(value: unknown): PodSecuritySettings {
  const { defaults, exemptions } = checked(podSecuritySchema, value, 'PodSecurity');
  return {
    defaults: {
      enforce: { level: defaults.enforce, version: defaults['enforce-version'] },
      audit: { level: defaults.audit, version: defaults['audit-version'] },
      warn: { level: defaults.warn, version: defaults['warn-version'] },
    },
    exemptions: {
      usernames: exemptions.usernames ?? [],
      namespaces: exemptions.namespaces ?? [],
      runtimeClasses: exemptions.runtimeClasses ?? [],
    },
  };
}

const eventLimitsFrom = (value: unknown): readonly EventLimit[] =>
  checked(eventRateLimitSchema, value, 'EventRateLimit').limits.map(
    ({ type, qps, burst, cacheSize = 0 }) => ({
      type,
      perSecond: qps,
      burst,
      kept: cacheSize === 0 ? eventLimits.kept : cacheSize,
    }),
  );

const limitedResourcesFrom = (value: unknown): readonly LimitedResource[] =>
  (checked(limitedResourcesSchema, value, 'ResourceQuota').limitedResources ?? []).map(
    ({ apiGroup, resource, matchContains, matchScopes }) => ({
      group: apiGroup,
      plural: resource,
      contains: matchContains ?? [],
      scopes: (matchScopes ?? []).map((scope) => ({ ...scope, values: scope.values ?? [] })),
    }),
  );

/** Adds what one plugin is told. */
function withPlugin(settings: AdmissionSettings, name: string, value: unknown): AdmissionSettings {
  switch (name) {
    case 'EventRateLimit':
      return { ...settings, eventLimits: eventLimitsFrom(value) };
    case 'PodSecurity':
      return { ...settings, podSecurity: podSecurityFrom(value) };
    case 'PodNodeSelector':
      return { ...settings, nodeSelectors: checked(nodeSelectorSchema, value, name) };
    case 'PodTolerationRestriction':
      return { ...settings, tolerations: checked(tolerationsSchema, value, name) };
    case 'ResourceQuota':
      return { ...settings, limitedResources: limitedResourcesFrom(value) };
    case 'MutatingAdmissionWebhook':
    case 'ValidatingAdmissionWebhook': {
      const { kubeConfigFile } = checked(webhookSchema, value, name);
      const webhookKubeconfigs = { ...settings.webhookKubeconfigs, [name]: kubeConfigFile };
      return { ...settings, webhookKubeconfigs };
    }
    default:
      throw new AdmissionConfigurationError(`${name}: this plugin takes no configuration`);
  }
}

/**
 * The settings that a configuration file says; `read` gives the text of a file it names. Throws AdmissionConfigurationError, and
 * what `read` throws.
 */
export async function parseAdmissionConfiguration(
  text: string,
  read: (file: string) => Promise<string>,
): Promise<AdmissionSettings> {
  const { plugins } = checked(fileSchema, parsedYaml(text, 'the file'), 'AdmissionConfiguration');
  let settings = standardAdmissionSettings;
  for (const { name, path = '', configuration } of plugins ?? []) {
    const value = path === '' ? configuration : parsedYaml(await read(path), path);
    settings = withPlugin(settings, name, value);
  }
  return settings;
}
