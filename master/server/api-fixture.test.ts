/** An API over a memory store, asked in process as clients on the network ask it. */
import assert from 'node:assert/strict';
import { namespaces } from '../../api/core/v1/namespace.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { builtInResources } from '../../api/resources.js';
import { resourcePath } from '../../api/schema/resource.js';
import type { Requester, ResourceDefinition, ResourceRef } from '../../api/schema/resource.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { openAccess } from '../open-access.js';
import { openRegistries } from '../open-registries.js';
import { readYaml } from '../registry/yaml/read.js';
import { openMemoryStore } from '../store/memory.js';
import { AgentProxy } from './agent-proxy.js';
import { createApi } from './api-server.js';
import { ClusterConnector } from './proxy/cluster-connector.js';
import type { RequestGate } from './request-gate.js';
import { resourceRequestOf } from './request-info.js';

type Target = Omit<ResourceRef, '__type'>;

export const mediaTypes = {
  json: 'application/json',
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
} as const;

export interface Call {
  readonly query?: string;
  readonly type?: string;
  readonly body?: unknown;
  readonly subresource?: string;
  readonly userAgent?: string;
  /** Who asks, whose rights to the request itself are not looked at; the administrator when absent. */
  readonly user?: Requester;
}

const administrator = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** An API with one namespace, where devices may be administered, and a way to ask it as clients on the network do. */
export class Api {
  readonly clock = new FakeClock();
  readonly warnings: string[] = [];
  private readonly resources: readonly ResourceDefinition[];
  private gate: RequestGate | undefined;

  constructor(resources = builtInResources) {
    this.resources = resources;
  }

  async start(): Promise<this> {
    const { clock, resources } = this;
    const random = systemRandom;
    const store = openMemoryStore();
    const serviceCidr = '10.96.0.0/12';
    const registries = await openRegistries({ store, resources, serviceCidr, clock, random });
    this.gate = createApi({
      registries,
      resources,
      access: openAccess({ registries, clock, logger: silentLogger }),
      reviewToken: () => Promise.resolve(undefined),
      tokens: {
        issuer: 'https://issuer',
        issue: () => Promise.reject(new Error('not in this test')),
      },
      cluster: new ClusterConnector({
        registries,
        random,
        agents: new AgentProxy({ caPem: '', certificatePem: '', keyPem: '' }),
      }),
      clock,
      random,
    });
    const labels = { 'resource.kubernetes.io/admin-access': 'true' };
    await this.post(namespaces, { metadata: { name: 'n', labels } });
    return this;
  }

  post(resource: Target, body: object, call: Call = {}): Promise<KubeObject> {
    return this.ask('POST', resource, undefined, { ...call, body });
  }

  put(resource: Target, body: KubeObject, call: Call = {}): Promise<KubeObject> {
    return this.ask('PUT', resource, body.metadata.name, { ...call, body });
  }

  /** Patches the object `a`, or creates it where the patch is an apply. */
  patch(resource: Target, call: Call): Promise<KubeObject> {
    return this.ask('PATCH', resource, 'a', call);
  }

  get(resource: Target): Promise<KubeObject> {
    return this.ask('GET', resource, 'a', {});
  }

  /** Creates a subresource of the object `a`. */
  postPart(resource: Target, call: Call): Promise<KubeObject> {
    return this.ask('POST', resource, 'a', call);
  }

  /** Deletes the collection, which is expected to be refused. */
  deleteAll(resource: Target): Promise<KubeObject> {
    return this.ask('DELETE', resource, undefined, {});
  }

  private async ask(
    method: string,
    resource: Target,
    name: string | undefined,
    { query = '', type = mediaTypes.json, body, subresource, ...sender }: Call,
  ): Promise<KubeObject> {
    const namespace = resource.scope === 'Namespaced' ? 'n' : undefined;
    const path = resourcePath(resource, {
      namespace,
      name,
      ...(subresource === undefined ? {} : { subresource }),
    });
    const parameters = new URLSearchParams(query);
    const target = resourceRequestOf(method, path, parameters);
    assert.ok(target !== undefined && this.gate !== undefined);
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
    const answer = await this.gate.handle({
      method,
      path,
      query: parameters,
      user: sender.user ?? administrator,
      target,
      body: () => ({ type: 'bytes', bytes, mediaType: type, yaml: readYaml(bytes.toString()) }),
      signal: new AbortController().signal,
      warnings: this.warnings,
      userAgent: sender.userAgent ?? 'test/1',
    });
    assert.ok(answer.type === 'object');
    return structuredClone(answer.object);
  }
}
