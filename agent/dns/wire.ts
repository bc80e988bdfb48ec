/** DNS messages on the wire: building answers, and changing answers of others without understanding all of them. */
import { createRequire } from 'node:module';
import type * as DnsPacket from 'dns-packet';
import type { Answer, DecodedPacket, OptAnswer, Packet, Question } from 'dns-packet';
import { maxUdpBytes, plainUdpBytes } from './limits.js';

// dns-packet is a CommonJS module without names an ES module could import.
const dnsPacket = createRequire(import.meta.url)('dns-packet') as typeof DnsPacket;

/** The response codes in use (RFC 1035, section 4.1.1). */
export const rcodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  noSuchName: 3,
  notImplemented: 4,
  refused: 5,
} as const;
export type Rcode = (typeof rcodes)[keyof typeof rcodes];

/** Every message begins with so many bytes that are not to be left out. */
export const headBytes = 12;
const maxLabelBytes = 63;
const maxNameBytes = 255;

const flagTruncated = 0x0200;
const flagAuthoritative = 0x0400;
const flagRecursionDesired = 0x0100;
const flagRecursionAvailable = 0x0080;

export interface Query {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  readonly question: Question;
  /** The EDNS record, when the client sent one. */
  readonly opt: OptAnswer | undefined;
}

/** Reads a query; undefined for what is not one (too short, a response, broken). */
export function parseQuery(
  message: Buffer,
): Query | { readonly id: number; readonly broken: true } | undefined {
  if (message.length < headBytes) return undefined;
  const id = message.readUInt16BE(0);
  const flags = message.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return undefined;
  let packet: DecodedPacket;
  try {
    packet = dnsPacket.decode(message);
  } catch {
    return { id, broken: true };
  }
  const question = packet.questions?.[0];
  if (question === undefined || packet.questions?.length !== 1) return { id, broken: true };
  const opt = packet.additionals?.find((one): one is OptAnswer => one.type === 'OPT');
  return {
    id,
    opcode: (flags >> 11) & 15,
    recursionDesired: (flags & flagRecursionDesired) !== 0,
    question,
    opt,
  };
}

export interface ResponseParts {
  readonly rcode: Rcode;
  readonly authoritative: boolean;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
}

/** How many bytes an answer to this query may have over UDP. */
export const udpLimitOf = ({ opt }: Query): number =>
  Math.min(Math.max(opt?.udpPayloadSize ?? plainUdpBytes, plainUdpBytes), maxUdpBytes);

const optRecord = (): OptAnswer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize: maxUdpBytes,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
});

function encodeResponse(query: Query, parts: ResponseParts, truncated: boolean): Buffer {
  const flags =
    parts.rcode |
    flagRecursionAvailable |
    (query.recursionDesired ? flagRecursionDesired : 0) |
    (parts.authoritative ? flagAuthoritative : 0) |
    (truncated ? flagTruncated : 0);
  const edns = query.opt === undefined ? [] : [optRecord()];
  const packet: Packet = {
    type: 'response',
    id: query.id,
    flags,
    questions: [query.question],
    answers: [...(parts.answers ?? [])],
    authorities: [...(parts.authorities ?? [])],
    additionals: [...(parts.additionals ?? []), ...edns],
  };
  return dnsPacket.encode(packet);
}

/**
 * An answer that fits: additional records go first, then answers from the end, with the truncation flag set so that the
 * client asks again over TCP.
 */
export function respond(query: Query, parts: ResponseParts, limitBytes: number): Buffer {
  const whole = encodeResponse(query, parts, false);
  if (whole.length <= limitBytes) return whole;
  const { additionals: _dropped, ...bare } = parts;
  const smaller = encodeResponse(query, bare, false);
  if (smaller.length <= limitBytes) return smaller;
  const answers = [...(parts.answers ?? [])];
  while (answers.length > 0) {
    answers.length = Math.floor(answers.length / 2);
    const message = encodeResponse(query, { ...bare, answers }, true);
    if (message.length <= limitBytes) return message;
  }
  return encodeResponse(query, { rcode: parts.rcode, authoritative: parts.authoritative }, true);
}

/** An answer without anything in it, for queries that could not be read: only the id is known. */
export function bareError(id: number, rcode: Rcode): Buffer {
  const message = Buffer.alloc(12);
  message.writeUInt16BE(id, 0);
  message.writeUInt16BE(0x8000 | rcode, 2);
  return message;
}

/** A query for one name, as it is sent upstream. */
export const encodeQuery = (id: number, question: Question): Buffer =>
  dnsPacket.encode({
    type: 'query',
    id,
    flags: flagRecursionDesired,
    questions: [question],
    additionals: [optRecord()],
  });

/** Reads a message; throws where it is none. */
export const decodeMessage = (message: Buffer): DecodedPacket => dnsPacket.decode(message);

/** A copy of a message with the id of another query. */
export const withId = (message: Buffer, id: number): Buffer => {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
};

/** The response code in a message's head. */
export const rcodeOf = (message: Buffer): number => message.readUInt16BE(2) & 15;
/** Whether the message was cut to fit into a packet, so that it has to be asked for over TCP. */
export const isTruncated = (message: Buffer): boolean =>
  (message.readUInt16BE(2) & flagTruncated) !== 0;

/** Cuts an answer of others down to its question and the truncation flag; undefined for one without a question that ends. */
export function truncate(message: Buffer): Buffer | undefined {
  const end = endOfQuestion(message);
  if (end === undefined) return undefined;
  const copy = Buffer.from(message.subarray(0, end));
  copy.writeUInt16BE(message.readUInt16BE(2) | flagTruncated, 2);
  copy.writeUInt16BE(0, 6);
  copy.writeUInt16BE(0, 8);
  copy.writeUInt16BE(0, 10);
  return copy;
}

function endOfQuestion(message: Buffer): number | undefined {
  try {
    return skipName(message, headBytes) + 4;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Where a name ends; throws a RangeError for what is none (RFC 1035, 2.3.4 and 4.1.4). */
function skipName(message: Buffer, start: number): number {
  let at = start;
  while (at - start < maxNameBytes) {
    const length = message.readUInt8(at);
    if (length === 0) return at + 1;
    if ((length & 0xc0) === 0xc0) return at + 2;
    if (length > maxLabelBytes) throw new RangeError('a label of no known kind');
    at += length + 1;
  }
  throw new RangeError('a name that is too long');
}

const optType = 41;
const soaType = 6;

/** Where the TTLs of a message's records stand, and the least of them; throws a RangeError for a broken message. */
export function ttlsOf(message: Buffer): {
  readonly offsets: readonly number[];
  readonly leastSeconds: number | undefined;
} {
  let at = headBytes;
  for (let left = message.readUInt16BE(4); left > 0; left--) at = skipName(message, at) + 4;
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  const offsets: number[] = [];
  let leastSeconds: number | undefined;
  for (let left = records; left > 0; left--) {
    at = skipName(message, at);
    const type = message.readUInt16BE(at);
    const end = at + 10 + message.readUInt16BE(at + 8);
    if (type !== optType) {
      offsets.push(at + 4);
      // A negative answer lives as long as the last number of its SOA says (RFC 2308).
      const own = message.readUInt32BE(at + 4);
      const seconds = type === soaType ? Math.min(own, message.readUInt32BE(end - 4)) : own;
      leastSeconds = Math.min(leastSeconds ?? seconds, seconds);
    }
    at = end;
  }
  return { offsets, leastSeconds };
}

/** Takes the time a message was kept off its TTLs. */
export function agedBy(message: Buffer, seconds: number, offsets: readonly number[]): Buffer {
  const copy = Buffer.from(message);
  for (const offset of offsets)
    copy.writeUInt32BE(Math.max(copy.readUInt32BE(offset) - seconds, 0), offset);
  return copy;
}
