/** The settings of authorisation, under Kubernetes' names; rows of the master's table. */
import { z } from 'zod';
import { authorizerTypes } from './authz/authorization-configuration.js';
import type { AuthorizerType } from './authz/authorization-configuration.js';
import { durationMs, optionalRow, text } from '../machinery/config/shared-rows.js';
import type { ConfigTable } from '../machinery/config/config.js';

export interface AuthorizationConfig {
  readonly authorizationMode: readonly AuthorizerType[] | undefined;
  readonly authorizationConfig: string | undefined;
  readonly authorizationPolicyFile: string | undefined;
  readonly authorizationWebhookConfigFile: string | undefined;
  readonly authorizationWebhookVersion: 'v1' | 'v1beta1' | undefined;
  readonly authorizationWebhookCacheAuthorizedTtlMs: number | undefined;
  readonly authorizationWebhookCacheUnauthorizedTtlMs: number | undefined;
}

const isMode = (mode: string): mode is AuthorizerType =>
  authorizerTypes.some((type) => type === mode);

const modes = text.transform((value, context): readonly AuthorizerType[] => {
  const given = value.split(',').map((mode) => mode.trim());
  const isRight = given.every(isMode) && new Set(given).size === given.length;
  if (isRight) return given;
  context.addIssue(`it must be some of ${authorizerTypes.join(', ')}, each once`);
  return z.NEVER;
});

/** As text, `0` and `0s` mean that nothing is remembered. */
const cacheMs = z.union([z.literal(['0', '0s']).transform(() => 0), durationMs]);

export const authorizationTable: ConfigTable<AuthorizationConfig> = {
  authorizationMode: optionalRow('authorization-mode', modes, {
    placeholder: 'MODE,…',
    defaultText: 'Node,RBAC',
    help: `Who is asked whether a request may be made, in this order, until one allows it: ${authorizerTypes.join(', ')}`,
  }),
  authorizationConfig: optionalRow('authorization-config', text, {
    placeholder: 'FILE',
    help: 'An AuthorizationConfiguration, apiserver.config.k8s.io/v1, in place of --authorization-mode and the flags of its webhook; read again when it changes',
  }),
  authorizationPolicyFile: optionalRow('authorization-policy-file', text, {
    placeholder: 'FILE',
    help: 'The policies of ABAC, one JSON object a line',
  }),
  authorizationWebhookConfigFile: optionalRow('authorization-webhook-config-file', text, {
    placeholder: 'FILE',
    help: 'A kubeconfig that names the service of the mode Webhook, which is shown requests as SubjectAccessReviews',
  }),
  authorizationWebhookVersion: optionalRow(
    'authorization-webhook-version',
    z.enum(['v1', 'v1beta1'], 'it must be v1 or v1beta1'),
    {
      placeholder: 'v1|v1beta1',
      defaultText: 'v1beta1',
      help: 'The version of authorization.k8s.io that it is asked in',
    },
  ),
  authorizationWebhookCacheAuthorizedTtlMs: optionalRow(
    'authorization-webhook-cache-authorized-ttl',
    cacheMs,
    {
      placeholder: 'DURATION',
      defaultText: '5m',
      help: 'How long its answers are remembered that allow a request',
    },
  ),
  authorizationWebhookCacheUnauthorizedTtlMs: optionalRow(
    'authorization-webhook-cache-unauthorized-ttl',
    cacheMs,
    {
      placeholder: 'DURATION',
      defaultText: '30s',
      help: 'How long its other answers are remembered',
    },
  ),
};
