/** From a query's bytes to an answer's bytes: the cluster's names from its zone, all others from upstream. */
import type { Answer, Question } from 'dns-packet';
import type { Upstream } from './upstream.js';
import {
  bareError,
  decodeMessage,
  parseQuery,
  rcodeOf,
  rcodes,
  respond,
  truncate,
  udpLimitOf,
  withId,
  type Query,
  type Rcode,
  type ResponseParts,
} from './wire.js';
import { addressOfReverseName, type ClusterZone, type ZoneAnswer } from './zone.js';
import { maxAliases, maxTcpBytes, negativeTtlSeconds } from './limits.js';

export interface AnsweringOptions {
  readonly domain: string;
  readonly zone: ClusterZone;
  readonly upstream: Pick<Upstream, 'resolve'>;
  /** Whether the caches hold the cluster; until then its names cannot be told apart from missing ones. */
  readonly ready: () => boolean;
}

export type DnsProtocol = 'udp' | 'tcp';

/** The zone's SOA, which says how long a missing name may be remembered. */
const soaOf = (domain: string): Answer => ({
  name: domain,
  type: 'SOA',
  class: 'IN',
  ttl: negativeTtlSeconds,
  data: {
    mname: `ns.dns.${domain}`,
    rname: `hostmaster.${domain}`,
    serial: 1,
    refresh: 7_200,
    retry: 1_800,
    expire: 86_400,
    minimum: negativeTtlSeconds,
  },
});

const failed = (rcode: Rcode): ResponseParts => ({ rcode, authoritative: false });

export class Answering {
  private readonly options: AnsweringOptions;

  constructor(options: AnsweringOptions) {
    this.options = options;
  }

  /** Undefined for messages that deserve no answer. */
  async answer(message: Buffer, protocol: DnsProtocol): Promise<Buffer | undefined> {
    const query = parseQuery(message);
    if (query === undefined) return undefined;
    if ('broken' in query) return bareError(query.id, rcodes.formatError);
    const limit = protocol === 'udp' ? udpLimitOf(query) : maxTcpBytes;
    const { question } = query;
    const name = question.name.toLowerCase();
    if (query.opcode !== 0) return respond(query, failed(rcodes.notImplemented), limit);
    if ((question.class ?? 'IN') !== 'IN') return respond(query, failed(rcodes.refused), limit);
    if (this.options.zone.owns(name)) {
      if (!this.options.ready()) return respond(query, failed(rcodes.serverFailure), limit);
      return respond(query, await this.clusterAnswer(question), limit);
    }
    const names = this.reverseNames(name);
    if (names.length > 0) return respond(query, reverseAnswer(question, names), limit);
    return this.forward(query, limit);
  }

  private reverseNames(name: string): readonly string[] {
    const address = addressOfReverseName(name);
    return address === undefined ? [] : this.options.zone.reverse(address);
  }

  private async clusterAnswer(question: Question): Promise<ResponseParts> {
    const { zone, domain } = this.options;
    const answers: Answer[] = [];
    let found: ZoneAnswer = zone.resolve(question);
    for (let aliases = 0; found.kind === 'alias' && aliases < maxAliases; aliases++) {
      answers.push(...found.answers);
      const target = { ...question, name: found.target };
      if (!zone.owns(found.target.toLowerCase()))
        return {
          rcode: rcodes.noError,
          authoritative: true,
          answers: [...answers, ...(await this.outside(target))],
        };
      found = zone.resolve(target);
    }
    const authorities = [soaOf(domain)];
    switch (found.kind) {
      case 'answer':
        return {
          rcode: rcodes.noError,
          authoritative: true,
          answers: [...answers, ...found.answers],
          additionals: found.additionals,
        };
      case 'noData':
        return { rcode: rcodes.noError, authoritative: true, answers, authorities };
      case 'noName':
        return { rcode: rcodes.noSuchName, authoritative: true, answers, authorities };
      case 'alias':
        return failed(rcodes.serverFailure);
    }
  }

  /** Records of a name an alias leads to; none when nobody could tell, as resolvers then ask for the name themselves. */
  private async outside(question: Question): Promise<readonly Answer[]> {
    const answer = await this.options.upstream.resolve(question);
    if (typeof answer === 'string' || rcodeOf(answer) !== rcodes.noError) return [];
    try {
      return decodeMessage(answer).answers ?? [];
    } catch {
      return [];
    }
  }

  private async forward(query: Query, limit: number): Promise<Buffer> {
    if (!query.recursionDesired) return respond(query, failed(rcodes.refused), limit);
    const answer = await this.options.upstream.resolve(query.question);
    if (typeof answer === 'string') {
      const rcode = answer === 'noServers' ? rcodes.refused : rcodes.serverFailure;
      return respond(query, failed(rcode), limit);
    }
    const own = withId(answer, query.id);
    if (own.length <= limit) return own;
    return truncate(own) ?? respond(query, failed(rcodes.serverFailure), limit);
  }
}

function reverseAnswer(question: Question, names: readonly string[]): ResponseParts {
  const answers: readonly Answer[] =
    question.type === 'PTR'
      ? names.map((data) => ({ name: question.name, type: 'PTR', class: 'IN', ttl: 5, data }))
      : [];
  return { rcode: rcodes.noError, authoritative: true, answers };
}
