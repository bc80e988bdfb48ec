/**
 * Connections from the master to what runs in the cluster. A pod is reached through the agent of its node, so the master needs
 * no route into the pod network; endpoints that are no pods are reached directly.
 *
 * Called by the proxies, and by whoever calls webhooks and extension API servers.
 */
import { lookup } from 'node:dns';
import { connect } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Service } from '../../../api/core/v1/types.js';
import type { Endpoint, EndpointSlice } from '../../../api/discovery/v1/types.js';
import { badRequest, serviceUnavailable } from '../../../api/meta/status-error.js';
import { isIPAddress, specialAddressErrors } from '../../../api/validation/addresses.js';
import type { ServiceTarget } from '../../../machinery/client/service-connector.js';
import type { Random } from '../../../machinery/clock/random.js';
import type { Registries } from '../../registry/registries.js';
import { agentAddressOf } from '../agent-address.js';
import type { AgentProxy } from '../agent-proxy.js';
import { backendConnectTimeoutMs } from '../limits.js';
import { serviceNameLabel } from '../../../api/discovery/v1/labels.js';

export interface PodTarget {
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly port: number;
}

/** One server behind a Service. */
interface ServiceEndpoint {
  readonly endpoint: Endpoint;
  readonly port: number;
}

const isPod = ({ targetRef, nodeName }: Endpoint): boolean =>
  targetRef?.kind === 'Pod' && nodeName !== undefined;

export interface ClusterConnectorOptions {
  readonly registries: Registries;
  readonly agents: AgentProxy;
  readonly random: Random;
}

const notAllowed = (): Error => badRequest('address not allowed');

/** Whether an address is one of this machine's own, or of its link, where clouds answer for it. */
function leadsBack(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return specialAddressErrors(mapped ?? address).length > 0;
}

/** Looks a name up for a connection that must not lead back. What was checked is what is connected to. */
const lookupElsewhere: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error !== null) callback(error, []);
    else if (found.some(({ address }) => leadsBack(address))) callback(notAllowed(), []);
    else if (options.all === true) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  });
};

export class ClusterConnector {
  private readonly options: ClusterConnectorOptions;
  /** The way to agents themselves. */
  readonly agents: AgentProxy;

  constructor(options: ClusterConnectorOptions) {
    this.options = options;
    this.agents = options.agents;
  }

  /** To a port of a pod, by the pod's own address. */
  toPod({ namespace, name, nodeName, port }: PodTarget): Promise<Duplex> {
    const { registries, agents } = this.options;
    const path = `/tunnel/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}?port=${String(port)}`;
    return agents.tunnel({ ...agentAddressOf(registries, nodeName), path });
  }

  /** To a host that is no pod. Refuses addresses that would lead back to this machine, also where a name stands for one. */
  toHost(host: string, port: number): Promise<Duplex> {
    if (isIPAddress(host) && leadsBack(host)) return Promise.reject(notAllowed());
    return new Promise((resolve, reject) => {
      const socket = connect({
        host,
        port,
        timeout: backendConnectTimeoutMs,
        lookup: lookupElsewhere,
      });
      socket.once('connect', () => {
        socket.setTimeout(0);
        resolve(socket);
      });
      socket.once('timeout', () => socket.destroy(new Error('connect timeout')));
      socket.once('error', reject);
    });
  }

  /** To one of the ready endpoints behind a Service; tries them in random order. */
  async toService(target: ServiceTarget): Promise<Duplex> {
    const service = this.serviceOf(target);
    const { externalName } = service.spec;
    if (service.spec.type === 'ExternalName') {
      return this.toHost(externalName ?? '', target.port);
    }
    const servicePort = service.spec.ports?.find(({ port }) => port === target.port);
    if (servicePort === undefined) {
      const { port, name } = target;
      throw serviceUnavailable(
        `no service port ${String(port)} found for service ${JSON.stringify(name)}`,
      );
    }
    return this.toOneOf(this.endpointsOf(target, servicePort.name ?? ''), target);
  }

  /** The ready endpoints of a Service's port, in random order. Ports are matched by name, as in EndpointSlices. */
  endpointsOf(
    service: Pick<ServiceTarget, 'namespace' | 'name'>,
    portName: string,
  ): readonly ServiceEndpoint[] {
    const { registries, random } = this.options;
    const slices = registries.of('discovery.k8s.io', 'endpointslices').store;
    return slices
      .peekAll(service.namespace)
      .map(({ object }) => object as EndpointSlice)
      .filter(({ metadata }) => metadata.labels?.[serviceNameLabel] === service.name)
      .flatMap(({ endpoints, ports = [] }) => {
        const port = ports.find(({ name = '' }) => name === portName)?.port;
        const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
        return port === undefined ? [] : ready.map((endpoint) => ({ endpoint, port }));
      })
      .map((found) => ({ found, order: random.fraction() }))
      .sort((a, b) => a.order - b.order)
      .map(({ found }) => found);
  }

  /** To one of the pods behind a Service's port. Addresses of anything else are nobody's to reach through the API. */
  toPodOf(service: Pick<ServiceTarget, 'namespace' | 'name'>, portName: string): Promise<Duplex> {
    return this.toOneOf(this.podsBehind(service, portName), service);
  }

  /** The ready endpoints of a Service's port that are pods, in random order. */
  podsBehind(
    service: Pick<ServiceTarget, 'namespace' | 'name'>,
    portName: string,
  ): readonly ServiceEndpoint[] {
    return this.endpointsOf(service, portName).filter(({ endpoint }) => isPod(endpoint));
  }

  private async toOneOf(
    endpoints: readonly ServiceEndpoint[],
    { namespace, name }: Pick<ServiceTarget, 'namespace' | 'name'>,
  ): Promise<Duplex> {
    let failure: unknown;
    for (const found of endpoints) {
      try {
        return await this.toEndpoint(found, namespace);
      } catch (error) {
        failure = error;
      }
    }
    if (failure === undefined) {
      throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
    }
    throw failure as Error;
  }

  private toEndpoint({ endpoint, port }: ServiceEndpoint, namespace: string): Promise<Duplex> {
    const { targetRef, nodeName = '', addresses } = endpoint;
    const [address = ''] = addresses;
    return isPod(endpoint)
      ? this.toPod({ namespace, name: targetRef?.name ?? '', nodeName, port })
      : this.toHost(address, port);
  }

  private serviceOf({ namespace, name }: ServiceTarget): Service {
    const stored = this.options.registries.of('', 'services').find({ namespace, name });
    if (stored === undefined) {
      throw serviceUnavailable(`service ${JSON.stringify(`${namespace}/${name}`)} does not exist`);
    }
    return stored.object as Service;
  }
}
