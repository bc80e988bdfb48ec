/**
 * The node's DNS server: answers the cluster DNS address on this node itself, over UDP and TCP.
 *
 * Made by the agent's `main.ts`. The address is put on the loopback interface: pods' queries reach it through their
 * gateway without any translation, so a query costs no connection tracking. It never stops answering because the master is
 * away, and never answers with less than it knows.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { ipBatch } from '../../cni/network-commands.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import type { Exec } from '../../machinery/exec/exec.js';
import type { Logger } from '../../machinery/log/log.js';
import {
  latencyBucketsSeconds,
  type CounterMetric,
  type HistogramMetric,
  type Metrics,
} from '../../machinery/metrics/metrics.js';
import { Answering, type DnsProtocol } from './answering.js';
import { clusterView, type ClusterCaches } from './cluster-view.js';
import { maxTcpConnections } from './limits.js';
import { answerConnection, answerDatagrams } from './transports.js';
import { resolvConfServers, Upstream } from './upstream.js';
import { rcodeOf } from './wire.js';
import { ClusterZone } from './zone.js';

export interface DnsServerOptions extends ClusterCaches {
  /** The cluster DNS address. */
  readonly address: string;
  /** 53 unless given. */
  readonly port?: number;
  readonly domain: string;
  /** `/etc/resolv.conf` unless given. */
  readonly resolvConf?: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface DnsMetrics {
  readonly requests: CounterMetric;
  readonly responses: CounterMetric;
  readonly seconds: HistogramMetric;
}

/** CoreDNS' names, which dashboards of clusters know. */
const dnsMetrics = (metrics: Metrics): DnsMetrics => ({
  requests: metrics.counter({
    name: 'coredns_dns_requests_total',
    help: 'DNS queries received.',
    labels: ['proto'],
  }),
  responses: metrics.counter({
    name: 'coredns_dns_responses_total',
    help: 'DNS answers sent, by response code.',
    labels: ['rcode'],
  }),
  seconds: metrics.histogram({
    name: 'coredns_dns_request_duration_seconds',
    help: 'Time from a DNS query to its answer.',
    buckets: latencyBucketsSeconds,
  }),
});

export class DnsServer {
  private readonly options: DnsServerOptions;
  private readonly answering: Answering;
  private readonly metrics: DnsMetrics;
  private readonly connections = new Set<Socket>();
  private udp: UdpSocket | undefined;
  private tcp: Server | undefined;

  constructor(options: DnsServerOptions) {
    this.options = options;
    this.metrics = dnsMetrics(options.metrics);
    const { clock, random, domain, address, resolvConf = '/etc/resolv.conf' } = options;
    const zone = new ClusterZone({ domain, view: clusterView(options), serverAddress: address });
    const servers = resolvConfServers(clock, { file: resolvConf, ownAddress: address });
    const upstream = new Upstream({ clock, random, servers });
    const ready = (): boolean =>
      options.services.hasSynced &&
      options.endpointSlices.hasSynced &&
      options.namespaces.hasSynced;
    this.answering = new Answering({ domain, zone, upstream, ready });
  }

  /** Takes the address and begins to answer; rejects when the port is in use. */
  async start(): Promise<void> {
    const { address, exec, logger } = this.options;
    await ipBatch(exec, ['link set dev lo up', `addr replace ${address}/32 dev lo`]);
    const port = await this.listenUdp(this.options.port ?? 53);
    await this.listenTcp(port);
    logger.info('answering DNS queries', { address, port });
  }

  /** The port in use, once started. */
  get port(): number {
    return this.udp?.address().port ?? 0;
  }

  /** Stops answering. The address stays, so that queries meanwhile are refused at once instead of lost. */
  async stop(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    const { udp, tcp } = this;
    if (udp !== undefined)
      await new Promise<void>((resolve) =>
        udp.close(() => {
          resolve();
        }),
      );
    if (tcp !== undefined)
      await new Promise<void>((resolve) =>
        tcp.close(() => {
          resolve();
        }),
      );
    this.udp = undefined;
    this.tcp = undefined;
  }

  /** Gives the address up. */
  async cleanup(): Promise<void> {
    const { address, exec } = this.options;
    await ipBatch(exec, [`addr del ${address}/32 dev lo`]).catch(() => undefined);
  }

  private async listenUdp(port: number): Promise<number> {
    const { address, logger } = this.options;
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, address, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', (error) => {
      logger.warn('DNS socket failed', { error });
    });
    answerDatagrams(socket, (message) => this.answer(message, 'udp'));
    this.udp = socket;
    return socket.address().port;
  }

  private async listenTcp(port: number): Promise<void> {
    const { address } = this.options;
    const server = createServer((connection) => {
      this.serve(connection);
    });
    server.maxConnections = maxTcpConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.tcp = server;
  }

  private serve(connection: Socket): void {
    this.connections.add(connection);
    connection.on('close', () => this.connections.delete(connection));
    answerConnection(connection, (message) => this.answer(message, 'tcp'));
  }

  private async answer(message: Buffer, protocol: DnsProtocol): Promise<Buffer | undefined> {
    const { clock, logger } = this.options;
    const startMs = clock.monotonicMs();
    this.metrics.requests.increment({ proto: protocol });
    try {
      const answer = await this.answering.answer(message, protocol);
      if (answer !== undefined)
        this.metrics.responses.increment({ rcode: String(rcodeOf(answer)) });
      this.metrics.seconds.observe((clock.monotonicMs() - startMs) / 1000);
      return answer;
    } catch (error) {
      logger.error('DNS query could not be answered', { error });
      return undefined;
    }
  }
}
