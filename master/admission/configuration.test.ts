import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdmissionConfigurationError, parseAdmissionConfiguration } from './configuration.js';

const fileWith = (...plugins: readonly string[]): string =>
  [
    'apiVersion: apiserver.config.k8s.io/v1',
    'kind: AdmissionConfiguration',
    `plugins: [${plugins.join(', ')}]`,
  ].join('\n');
const nothing = (): Promise<string> => Promise.reject(new Error('no such file'));

test('admission configuration gives plugins their settings, inline or from a file', async () => {
  const limits =
    '{apiVersion: eventratelimit.admission.k8s.io/v1alpha1, kind: Configuration, limits: [{type: User, qps: 5, burst: 10}]}';
  const security = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: baseline, warn: restricted, warn-version: v1.30}
exemptions: {namespaces: [kube-system]}
`;
  const settings = await parseAdmissionConfiguration(
    fileWith(
      `{name: EventRateLimit, configuration: ${limits}}`,
      '{name: PodSecurity, path: security.yaml}',
      '{name: ResourceQuota, configuration: {apiVersion: apiserver.config.k8s.io/v1, kind: ResourceQuotaConfiguration, limitedResources: [{resource: pods, matchScopes: [{scopeName: PriorityClass, operator: In, values: [high]}]}]}}',
      '{name: PodNodeSelector, configuration: {podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: "a=1", n: "a=1,b=2"}}}',
      '{name: PodTolerationRestriction, configuration: {apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1, kind: Configuration, default: [{key: k, operator: Exists}]}}',
      '{name: ValidatingAdmissionWebhook, configuration: {apiVersion: apiserver.config.k8s.io/v1, kind: WebhookAdmissionConfiguration, kubeConfigFile: hooks.conf}}',
    ),
    (file) => (file === 'security.yaml' ? Promise.resolve(security) : nothing()),
  );
  assert.deepEqual(settings, {
    eventLimits: [{ type: 'User', perSecond: 5, burst: 10, kept: 4096 }],
    podSecurity: {
      defaults: {
        enforce: { level: 'baseline', version: 'latest' },
        audit: { level: 'privileged', version: 'latest' },
        warn: { level: 'restricted', version: 'v1.30' },
      },
      exemptions: { usernames: [], namespaces: ['kube-system'], runtimeClasses: [] },
    },
    nodeSelectors: { standard: { a: '1' }, allowed: new Map([['n', { a: '1', b: '2' }]]) },
    tolerations: { standard: [{ key: 'k', operator: 'Exists' }], allowed: [] },
    tolerationSeconds: { notReady: 300, unreachable: 300 },
    limitedResources: [
      {
        group: '',
        plural: 'pods',
        contains: [],
        scopes: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }],
      },
    ],
    webhookKubeconfigs: { ValidatingAdmissionWebhook: 'hooks.conf' },
  });
});

for (const [name, text, message] of [
  ['that is not YAML', 'a: [', /the file: /],
  ['of another kind', 'apiVersion: v1\nkind: Pod', /apiVersion: .*; kind: /],
  ['of a plugin nobody knows', fileWith('{name: X}'), /there is no such admission plugin/],
  [
    'of a plugin that takes none',
    fileWith('{name: Priority, configuration: {}}'),
    /Priority: this plugin takes no configuration/,
  ],
  [
    'both inline and in a file',
    fileWith('{name: PodSecurity, path: x, configuration: {}}'),
    /exclude one another/,
  ],
  [
    'with labels that are none',
    fileWith('{name: PodNodeSelector, configuration: {podNodeSelectorPluginConfig: {n: "a"}}}'),
    /PodNodeSelector: podNodeSelectorPluginConfig.n: it must be labels such as a=1,b=2/,
  ],
  [
    'with a toleration of every key that is not every value',
    fileWith(
      '{name: PodTolerationRestriction, configuration: {apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1, kind: Configuration, whitelist: [{value: x}]}}',
    ),
    /PodTolerationRestriction: whitelist: .*operator must be Exists when `key` is empty/,
  ],
  [
    'with a level that does not exist',
    fileWith(
      '{name: PodSecurity, configuration: {apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, defaults: {enforce: high}}}',
    ),
    /PodSecurity: defaults.enforce: it must be one of/,
  ],
] as const) {
  test(`admission configuration ${name} is refused with the reason`, async () => {
    await assert.rejects(parseAdmissionConfiguration(text, nothing), (error) => {
      assert.ok(error instanceof AdmissionConfigurationError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}
