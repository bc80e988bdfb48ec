/**
 * API aggregation: requests for a group and version that an APIService gives to a Service go on to the extension server behind
 * it. Watches over which of them answer, says so in their status, and keeps their discovery and OpenAPI documents to be
 * merged with our own.
 *
 * Called by the HTTP server for every path below `/apis`; costs a look into an empty map where nothing is registered.
 */
import { apiServices } from '../../../api/apiregistration/v1/api-service.js';
import type { APIService } from '../../../api/apiregistration/v1/types.js';
import type { Service } from '../../../api/core/v1/types.js';
import { hasReason, serviceUnavailable } from '../../../api/meta/status-error.js';
import type { Client } from '../../../machinery/client/client.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { Logger } from '../../../machinery/log/log.js';
import type { Registries } from '../../registry/registries.js';
import { aggregationCheckMs, aggregationRecheckMs } from '../limits.js';
import type { ClusterConnector } from '../proxy/cluster-connector.js';
import type { Backend } from '../proxy/reverse-proxy.js';
import type { ServedResources } from '../resource-documents.js';
import { conditionsWith, obstacleOf, portNameOf, verdictOfDiscovery } from './availability.js';
import type { Verdict } from './availability.js';
import { ExtensionServer } from './extension-server.js';
import type { FrontProxyIdentity } from './extension-server.js';
import {
  apiServiceName,
  isAutomatic,
  localApiService,
  localGroupVersions,
} from './local-services.js';
import { readDocuments } from './remote-documents.js';
import type { RemoteGroupVersion } from './remote-documents.js';
import type { Requester } from '../../../api/schema/resource.js';
import { connectionErrorText } from '../../../machinery/connection-error-text.js';

export interface AggregatorOptions {
  readonly registries: Registries;
  readonly cluster: ClusterConnector;
  readonly resources: ServedResources;
  readonly identity: () => FrontProxyIdentity;
  /** A client that may write APIServices. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One APIService with a Service, and what is known of the server behind it. */
interface Remote {
  readonly object: APIService;
  readonly server: ExtensionServer;
}

/** What an extension server was found to be when it was asked. */
interface Answer {
  readonly server: ExtensionServer;
  readonly atMs: number;
  readonly verdict: Verdict;
}

const group = 'apiregistration.k8s.io';

/** Resources whose changes may change what answers. */
const watched = [
  [group, 'apiservices'],
  ['', 'services'],
  ['discovery.k8s.io', 'endpointslices'],
] as const;

export class Aggregator {
  private readonly options: AggregatorOptions;
  private remotes: ReadonlyMap<string, Remote> = new Map();
  private seenAt: number | undefined;
  private readonly available = new Set<string>();
  private readonly documents = new Map<string, RemoteGroupVersion>();
  /** When each extension server was last asked, and how it stood then. */
  private readonly answers = new Map<string, Answer>();
  private merged: readonly RemoteGroupVersion[] = [];

  constructor(options: AggregatorOptions) {
    this.options = options;
  }

  /** What extension servers offer; the same array as long as nothing changes. */
  readonly groupVersions = (): readonly RemoteGroupVersion[] => this.merged;

  /** The extension server that answers for a path; undefined where this server does. Throws a 503 while it cannot answer. */
  backendFor(path: string, url: string, user: Requester): Backend | undefined {
    if (!path.startsWith('/apis/')) return undefined;
    const remotes = this.current();
    if (remotes.size === 0) return undefined;
    const [, , apiGroup = '', version = ''] = path.split('/', 4);
    const name = apiServiceName({ group: apiGroup, version });
    const remote = remotes.get(name);
    if (remote === undefined) return undefined;
    if (!this.available.has(name)) {
      throw serviceUnavailable('the server is currently unable to handle the request');
    }
    return remote.server.backend(url, user);
  }

  /** The APIServices with a Service, as of the last acknowledged write. */
  private current(): ReadonlyMap<string, Remote> {
    const { store } = this.options.registries.of(group, 'apiservices');
    const changedAt = store.changedAt();
    if (changedAt === this.seenAt) return this.remotes;
    this.seenAt = changedAt;
    const next = new Map<string, Remote>();
    for (const { object } of store.peekAll()) {
      const service = object as APIService;
      if (service.spec.service === undefined) continue;
      const { name } = service.metadata;
      const known = this.remotes.get(name);
      const isSame =
        known !== undefined && JSON.stringify(known.object.spec) === JSON.stringify(service.spec);
      next.set(name, { object: service, server: isSame ? known.server : this.serverOf(service) });
      if (!isSame) this.available.delete(name);
    }
    for (const [name, { server }] of this.remotes) {
      if (next.get(name)?.server !== server) server.close();
      if (next.has(name)) continue;
      this.available.delete(name);
      this.answers.delete(name);
      this.documents.delete(name);
    }
    this.remotes = next;
    return next;
  }

  private serverOf({ spec }: APIService): ExtensionServer {
    const { cluster, identity } = this.options;
    return new ExtensionServer({ spec, identity, connect: (target) => cluster.toService(target) });
  }

  /** Checks what answers whenever something that matters has changed, and every so often; until told to stop. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.options;
    let checkedAt: readonly unknown[] = [];
    let checkedMs = -Infinity;
    while (!signal.aborted) {
      const changedAt = this.changedAt();
      const isChanged = changedAt.some((mark, position) => mark !== checkedAt[position]);
      if (isChanged || clock.monotonicMs() - checkedMs > aggregationRecheckMs) {
        checkedAt = changedAt;
        checkedMs = clock.monotonicMs();
        await this.checkAll().catch((error: unknown) => {
          logger.warn('extension API servers could not be checked', { error });
        });
      }
      await clock.sleep(aggregationCheckMs, signal).catch(() => undefined);
    }
  }

  /** Values that are others once anything that matters has changed. */
  private changedAt(): readonly unknown[] {
    const { registries, resources } = this.options;
    const revisions = watched.map(([of, plural]) => registries.of(of, plural).store.changedAt());
    return [...revisions, resources()];
  }

  private async checkAll(): Promise<void> {
    await this.keepLocal();
    const remotes = [...this.current()];
    await Promise.all(remotes.map(([name, remote]) => this.check(name, remote)));
    const merged = remotes.flatMap(([name]) => this.documents.get(name) ?? []);
    const isSame =
      merged.length === this.merged.length && merged.every((one, at) => one === this.merged[at]);
    if (!isSame) this.merged = merged;
  }

  /** An APIService for each group and version served here, and none for those that are gone. */
  private async keepLocal(): Promise<void> {
    const { client, resources, registries } = this.options;
    const { store } = registries.of(group, 'apiservices');
    const wanted = localGroupVersions(resources());
    const existing = store.peekAll().map(({ object }) => object as APIService);
    const names = new Set(existing.map(({ metadata }) => metadata.name));
    for (const [name, groupVersion] of wanted) {
      if (names.has(name)) continue;
      await client.create(apiServices, localApiService(groupVersion)).catch((error: unknown) => {
        if (!hasReason(error, 'AlreadyExists')) throw error;
      });
    }
    for (const service of existing) {
      const { name, uid } = service.metadata;
      if (!isAutomatic(service) || wanted.has(name)) continue;
      await client.delete(apiServices, { name }, { preconditions: { uid } });
    }
  }

  private async check(name: string, { object, server }: Remote): Promise<void> {
    const obstacle = this.obstacle(object, server);
    if (obstacle !== undefined) this.answers.delete(name);
    const verdict = obstacle ?? (await this.answerOf(name, { object, server }));
    if (verdict.status === 'True') this.available.add(name);
    else this.available.delete(name);
    await this.writeStatus(object, verdict);
  }

  private obstacle(object: APIService, { target }: ExtensionServer): Verdict | undefined {
    const { registries, cluster } = this.options;
    const stored = registries.of('', 'services').find(target);
    const service = stored?.object as Service | undefined;
    const portName = portNameOf(service, target.port);
    const readyEndpoints =
      portName === undefined ? 0 : cluster.endpointsOf(target, portName).length;
    return obstacleOf(object, { service, readyEndpoints });
  }

  /** A server that answered a moment ago is not asked for every change of some endpoint in the cluster. */
  private async answerOf(name: string, { object, server }: Remote): Promise<Verdict> {
    const { clock } = this.options;
    const known = this.answers.get(name);
    const isFresh =
      known?.server === server &&
      known.verdict.status === 'True' &&
      clock.monotonicMs() - known.atMs < aggregationRecheckMs / 2;
    if (isFresh) return known.verdict;
    const verdict = await this.ask(name, object, server);
    this.answers.set(name, { server, atMs: clock.monotonicMs(), verdict });
    return verdict;
  }

  /** Asks for discovery and keeps what it says. A server that fails keeps the documents it had. */
  private async ask(name: string, object: APIService, server: ExtensionServer): Promise<Verdict> {
    const { group: apiGroup = '', version = '' } = object.spec;
    const path = `/apis/${apiGroup}/${version}`;
    try {
      const before = this.documents.get(name);
      const now = await readDocuments(server, object.spec);
      if (before?.digest !== now.digest) this.documents.set(name, now);
      return verdictOfDiscovery(path, undefined);
    } catch (error) {
      return verdictOfDiscovery(path, connectionErrorText(error));
    }
  }

  private async writeStatus(object: APIService, verdict: Verdict): Promise<void> {
    const { client, clock, registries } = this.options;
    const { name } = object.metadata;
    const stored = registries.of(group, 'apiservices').find({ namespace: '', name });
    if (stored === undefined) return;
    const conditions = conditionsWith(stored.object as APIService, verdict, clock.now());
    if (conditions === undefined) return;
    const body = { status: { conditions } };
    const options = { type: 'merge', body, subresource: 'status' } as const;
    await client.patch(apiServices, { name }, options).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error;
    });
  }
}
