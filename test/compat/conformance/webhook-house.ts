/** A server of admission webhooks and two namespaces: in one its webhooks are asked, in the other they are not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../testing/eventually.js';
import { valueAt } from '../../../testing/value-at.js';
import { type ExtensionServer, startExtensionServer } from '../extension-server.js';
import type { Answer, WireClient } from './wire-client.js';

const registrations = '/apis/admissionregistration.k8s.io/v1';
/** How long the slow webhook takes. */
const slowMs = 1500;

/** The data of a ConfigMap or a custom resource. */
export const dataOf = (object: unknown): Readonly<Record<string, string>> =>
  (valueAt(object, 'data') ?? {}) as Readonly<Record<string, string>>;

const patched = (...patch: readonly object[]): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
});
const denied = (message: string): object => ({ allowed: false, status: { message } });

/** What each path of the webhook server decides. */
const decisions: Readonly<Record<string, (request: unknown) => object | Promise<object>>> = {
  '/marked': (request) =>
    dataOf(valueAt(request, 'object')).mark === 'forbidden'
      ? denied('the mark is forbidden')
      : { allowed: true },
  '/kept': (request) =>
    dataOf(valueAt(request, 'oldObject')).mark === 'kept'
      ? denied('what is marked is kept')
      : { allowed: true },
  '/never': () => denied('never'),
  '/stages': (request) => {
    const data = dataOf(valueAt(request, 'object'));
    const next = data.first === undefined ? 'first' : 'second';
    return data.start === undefined
      ? { allowed: true }
      : patched({ op: 'add', path: `/data/${next}`, value: 'yes' });
  },
  '/labels': () => patched({ op: 'add', path: '/metadata/labels', value: { added: 'yes' } }),
  '/prepares': () =>
    patched({
      op: 'add',
      path: '/spec/initContainers',
      value: [{ name: 'added', image: 'web:v1' }],
    }),
  '/slow': async () => {
    await sleep(slowMs);
    return { allowed: true };
  },
};

/** A webhook to register; it is about ConfigMaps that are created or updated where nothing else is said. */
export interface Hook {
  readonly path: string;
  readonly resource?: string;
  readonly group?: string;
  readonly operations?: readonly string[];
  /** More fields of the webhook. */
  readonly more?: object;
}

export type WebhookType = 'mutating' | 'validating';

/** Where the configurations of webhooks of a type are. */
export const configurationsOf = (type: WebhookType): string =>
  `${registrations}/${type}webhookconfigurations`;

/** Waits until a webhook that was registered or changed refuses. */
export const refusesSoon = (attempt: () => Promise<Answer>, said: RegExp): Promise<Answer> =>
  eventually(async () => (await attempt()).refuses(400, said));

export class WebhookHouse {
  readonly namespace: string;
  /** The namespace whose objects no webhook is asked about. */
  readonly exempt: string;
  private readonly api: WireClient;
  private server: ExtensionServer | undefined;
  private made = 0;

  constructor(api: WireClient, namespace: string) {
    this.api = api;
    this.namespace = namespace;
    this.exempt = `${namespace}-exempt`;
  }

  async open(): Promise<void> {
    for (const [name, webhooks] of [
      [this.namespace, 'yes'],
      [this.exempt, 'no'],
    ] as const) {
      const metadata = { name, labels: { webhooks } };
      (await this.api.post('/api/v1/namespaces', { metadata })).expect(201);
    }
    this.server = await startExtensionServer(
      { dnsNames: [`hooks.${this.namespace}.svc`] },
      async ({ path, body }) => {
        const request = valueAt(body, 'request');
        const decide = decisions[path.split('?')[0] ?? ''];
        if (decide === undefined) return undefined;
        const response = { uid: valueAt(request, 'uid'), ...(await decide(request)) };
        return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
      },
    );
    const [service, slice] = this.server.service('hooks', this.namespace).split('---\n');
    for (const [place, text] of [
      [`/api/v1/namespaces/${this.namespace}/services`, service],
      [`/apis/discovery.k8s.io/v1/namespaces/${this.namespace}/endpointslices`, slice],
    ] as const) {
      (await this.api.post(place, text, 'application/yaml')).expect(201);
    }
  }

  async close(): Promise<void> {
    for (const name of [this.namespace, this.exempt])
      await this.api.delete(`/api/v1/namespaces/${name}`);
    await this.server?.close();
  }

  hook(
    { path, resource = 'configmaps', group = '', operations = ['CREATE', 'UPDATE'], more }: Hook,
    place = 0,
  ): object {
    return {
      name: `hook-${String(place)}.conformance.example`,
      admissionReviewVersions: ['v1', 'v1beta1'],
      sideEffects: 'None',
      namespaceSelector: { matchLabels: { webhooks: 'yes' } },
      rules: [{ apiGroups: [group], apiVersions: ['*'], operations, resources: [resource] }],
      clientConfig: {
        caBundle: this.server?.caBundle,
        service: { name: 'hooks', namespace: this.namespace, path },
      },
      ...more,
    };
  }

  /** Registers webhooks while `use` lasts. */
  async during(
    type: WebhookType,
    hooks: readonly Hook[],
    use: (path: string) => Promise<void>,
  ): Promise<void> {
    const webhooks = hooks.map((hook, place) => this.hook(hook, place));
    const body = { metadata: { name: 'conformance' }, webhooks };
    (await this.api.post(configurationsOf(type), body)).expect(201);
    const path = `${configurationsOf(type)}/conformance`;
    try {
      await use(path);
    } finally {
      (await this.api.delete(path)).expect(200);
    }
  }

  /** Creates a ConfigMap of a new name with this data. */
  create(data: object, namespace = this.namespace): Promise<Answer> {
    this.made += 1;
    const metadata = { name: `made-${String(this.made)}` };
    return this.api.post(`/api/v1/namespaces/${namespace}/configmaps`, { metadata, data });
  }
}
