/** Reads what the settings and the files they name say of authorisation. */
import { ConfigError } from '../machinery/config/config.js';
import { readNamedFile } from '../machinery/config/named-file.js';
import type { NamedFile } from '../machinery/config/named-file.js';
import type { AuthorizationConfig } from './authorization-rows.js';
import { parseAttributePolicies } from './authz/attribute-policies.js';
import type { AttributePolicy } from './authz/attribute-policies.js';
import { parseAuthorizationConfiguration } from './authz/authorization-configuration.js';
import type { AuthorizerSettings, AuthorizerType } from './authz/authorization-configuration.js';
import * as limits from './authz/limits.js';

/** Who is asked, in order, and the policies of ABAC. */
export interface AuthorizationSetUp {
  readonly authorizers: readonly AuthorizerSettings[];
  readonly policies: readonly AttributePolicy[];
  /** The file the authorisers were read from, if it was one. */
  readonly file: NamedFile<readonly AuthorizerSettings[]> | undefined;
}

const standardModes: readonly AuthorizerType[] = ['Node', 'RBAC'];

/** What `--authorization-mode` and the flags of the webhook come to. */
function settingsOf(
  type: AuthorizerType,
  config: Partial<AuthorizationConfig>,
): AuthorizerSettings {
  if (type !== 'Webhook') return { type, name: type.toLowerCase() };
  const { authorizationWebhookConfigFile: kubeconfigFile } = config;
  if (kubeconfigFile === undefined) {
    throw new ConfigError(
      '--authorization-mode: Webhook needs --authorization-webhook-config-file',
    );
  }
  const { authorizationWebhookCacheAuthorizedTtlMs: allowedMs } = config;
  const { authorizationWebhookCacheUnauthorizedTtlMs: otherMs } = config;
  return {
    type,
    name: 'default',
    webhook: {
      kubeconfigFile,
      version: config.authorizationWebhookVersion ?? 'v1beta1',
      timeoutMs: limits.maxWebhookTimeoutMs,
      failurePolicy: 'NoOpinion',
      allowedCacheMs: allowedMs ?? limits.defaultAllowedCacheMs,
      otherCacheMs: otherMs ?? limits.defaultOtherCacheMs,
      conditions: [],
    },
  };
}

async function authorizersFrom(
  config: Partial<AuthorizationConfig>,
): Promise<Pick<AuthorizationSetUp, 'authorizers' | 'file'>> {
  const { authorizationConfig: name, authorizationMode: modes } = config;
  if (name === undefined) {
    const authorizers = (modes ?? standardModes).map((type) => settingsOf(type, config));
    return { authorizers, file: undefined };
  }
  if (modes !== undefined || config.authorizationWebhookConfigFile !== undefined) {
    throw new ConfigError(
      '--authorization-config stands for --authorization-mode and --authorization-webhook-config-file; give one or the other',
    );
  }
  const named = { flag: 'authorization-config', file: name };
  const file = await readNamedFile(named, parseAuthorizationConfiguration);
  return { authorizers: file.value, file };
}

/** Throws ConfigError. */
export async function readAuthorization(
  config: Partial<AuthorizationConfig>,
): Promise<AuthorizationSetUp> {
  const { authorizationPolicyFile: policyFile } = config;
  const { authorizers, file } = await authorizersFrom(config);
  const needsPolicies = authorizers.some(({ type }) => type === 'ABAC');
  if (needsPolicies !== (policyFile !== undefined)) {
    throw new ConfigError('ABAC and --authorization-policy-file need each other');
  }
  if (policyFile === undefined) return { authorizers, policies: [], file };
  const named = { flag: 'authorization-policy-file', file: policyFile };
  const { value: policies } = await readNamedFile(named, parseAttributePolicies);
  return { authorizers, policies, file };
}
