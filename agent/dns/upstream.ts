/**
 * Names outside the cluster: asked of the servers the host itself uses, with bounded concurrency, and kept for a while.
 * A server that does not answer is passed over for some seconds, so that one dead server costs one wait, not one a query.
 */
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Question } from 'dns-packet';
import { BoundedMemory } from '../../machinery/bounded-memory.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import {
  maxCacheEntries,
  maxCacheSeconds,
  maxForwardedQueries,
  maxNegativeCacheSeconds,
  maxUpstreamAttempts,
  resolvConfIntervalMs,
  upstreamPenaltyMs,
  upstreamTimeoutMs,
} from './limits.js';
import { agedBy, encodeQuery, headBytes, isTruncated, rcodeOf, rcodes, ttlsOf } from './wire.js';

export interface UpstreamServer {
  readonly address: string;
  readonly port: number;
}

/** Why a name outside the cluster could not be asked for. */
export type UpstreamFailure = 'noServers' | 'overloaded' | 'noAnswer';

export interface UpstreamOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Read again and again, since networks change under a running node. */
  readonly servers: () => Promise<readonly UpstreamServer[]>;
}

interface CacheEntry {
  readonly message: Buffer;
  readonly storedMs: number;
  readonly expiresMs: number;
  readonly offsets: readonly number[];
}

/** The nameservers of a resolv.conf, without our own address: asking ourselves would never end. */
export function parseResolvConf(text: string, ownAddress: string): readonly UpstreamServer[] {
  return text
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
    .filter((address) => address !== undefined && address !== ownAddress)
    .map((address) => ({ address: address ?? '', port: 53 }));
}

/** Reads a resolv.conf at most every so often; a missing file is one without servers. */
export function resolvConfServers(
  clock: Clock,
  { file, ownAddress }: { readonly file: string; readonly ownAddress: string },
): () => Promise<readonly UpstreamServer[]> {
  let readMs = -Infinity;
  let servers: readonly UpstreamServer[] = [];
  return async () => {
    if (clock.monotonicMs() - readMs < resolvConfIntervalMs) return servers;
    readMs = clock.monotonicMs();
    servers = parseResolvConf(await readFile(file, 'utf8').catch(() => ''), ownAddress);
    return servers;
  };
}

const keyOf = ({ name, type, class: klass = 'IN' }: Question): string =>
  `${name.toLowerCase()} ${type} ${klass}`;

export class Upstream {
  private readonly options: UpstreamOptions;
  private readonly cache = new BoundedMemory<CacheEntry>(maxCacheEntries);
  private readonly asking = new Map<string, Promise<Buffer | UpstreamFailure>>();
  /** When each server last failed to answer. */
  private readonly failedMs = new Map<string, number>();

  constructor(options: UpstreamOptions) {
    this.options = options;
  }

  /** The answer's bytes, under an id of ours; questions asked at the same time are sent once. */
  async resolve(question: Question): Promise<Buffer | UpstreamFailure> {
    const key = keyOf(question);
    const cached = this.fromCache(key);
    if (cached !== undefined) return cached;
    const known = this.asking.get(key);
    if (known !== undefined) return known;
    if (this.asking.size >= maxForwardedQueries) return 'overloaded';
    const answer = this.ask(question).finally(() => this.asking.delete(key));
    this.asking.set(key, answer);
    return answer;
  }

  private async ask(question: Question): Promise<Buffer | UpstreamFailure> {
    const servers = this.inOrder(await this.options.servers());
    if (servers.length === 0) return 'noServers';
    for (const server of servers.slice(0, maxUpstreamAttempts)) {
      const id = this.options.random.bytes(2).readUInt16BE(0);
      const query = encodeQuery(id, question);
      let answer = await this.overUdp(server, query);
      if (answer !== undefined && isTruncated(answer)) answer = await this.overTcp(server, query);
      // A server that cannot help is as good as a silent one while there are others to ask.
      if (answer === undefined || rcodeOf(answer) === rcodes.serverFailure) {
        this.failedMs.set(server.address, this.options.clock.monotonicMs());
        continue;
      }
      this.failedMs.delete(server.address);
      this.keep(keyOf(question), answer);
      return answer;
    }
    return 'noAnswer';
  }

  private inOrder(servers: readonly UpstreamServer[]): readonly UpstreamServer[] {
    const nowMs = this.options.clock.monotonicMs();
    const failed = ({ address }: UpstreamServer): boolean =>
      nowMs - (this.failedMs.get(address) ?? -Infinity) < upstreamPenaltyMs;
    return [...servers.filter((one) => !failed(one)), ...servers.filter(failed)];
  }

  /** One socket, and so one unguessable port, a query. Undefined when no answer came in time. */
  private overUdp(server: UpstreamServer, query: Buffer): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const socket = createSocket(server.address.includes(':') ? 'udp6' : 'udp4');
      const finish = (answer: Buffer | undefined): void => {
        cancel();
        socket.removeAllListeners();
        socket.on('error', () => undefined);
        socket.close();
        resolve(answer);
      };
      const cancel = this.options.clock.after(upstreamTimeoutMs, () => {
        finish(undefined);
      });
      socket.on('error', () => {
        finish(undefined);
      });
      socket.on('message', (message) => {
        if (message.length >= headBytes && message.readUInt16BE(0) === query.readUInt16BE(0))
          finish(message);
      });
      socket.connect(server.port, server.address, () => {
        socket.send(query);
      });
    });
  }

  private overTcp(server: UpstreamServer, query: Buffer): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const socket = connect(server.port, server.address);
      let received = Buffer.alloc(0);
      const finish = (answer: Buffer | undefined): void => {
        cancel();
        socket.destroy();
        resolve(answer);
      };
      const cancel = this.options.clock.after(upstreamTimeoutMs, () => {
        finish(undefined);
      });
      socket.on('error', () => {
        finish(undefined);
      });
      socket.on('close', () => {
        finish(undefined);
      });
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 2) return;
        const size = received.readUInt16BE(0);
        if (received.length < size + 2) return;
        finish(size < headBytes ? undefined : received.subarray(2, size + 2));
      });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length, 0);
      socket.write(Buffer.concat([length, query]));
    });
  }

  private fromCache(key: string): Buffer | undefined {
    const entry = this.cache.get(key);
    if (entry === undefined) return undefined;
    const nowMs = this.options.clock.monotonicMs();
    if (nowMs >= entry.expiresMs) {
      this.cache.delete(key);
      return undefined;
    }
    return agedBy(entry.message, Math.floor((nowMs - entry.storedMs) / 1000), entry.offsets);
  }

  private keep(key: string, message: Buffer): void {
    const rcode = rcodeOf(message);
    if (rcode !== rcodes.noError && rcode !== rcodes.noSuchName) return;
    try {
      const { offsets, leastSeconds = 0 } = ttlsOf(message);
      const positive = rcode === rcodes.noError && message.readUInt16BE(6) > 0;
      const seconds = Math.min(leastSeconds, positive ? maxCacheSeconds : maxNegativeCacheSeconds);
      if (seconds <= 0) return;
      const storedMs = this.options.clock.monotonicMs();
      this.cache.set(key, { message, storedMs, expiresMs: storedMs + seconds * 1000, offsets });
    } catch (error) {
      // A message we cannot walk is passed on but not kept.
      if (!(error instanceof RangeError)) throw error;
    }
  }
}
