/**
 * Watches as answers: events as lines of JSON or frames of protobuf, in the accepted form. What a form makes of an event is
 * made once, whoever else gets it.
 *
 * Called by the HTTP server. It must never buffer more than a bounded amount for a slow client.
 */
import type { Writable } from 'node:stream';
import { isStatusError } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { encodeWatchFrame, sealEnvelope } from '../../api/protobuf/encode.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { WatchEvent } from '../watch/watch-event.js';
import { drained, headersOf } from './answer-target.js';
import type { AnswerTarget } from './answer-target.js';
import type { ApiAnswer } from './api-request.js';
import { bareObject } from './bare-object.js';
import { slowestDrainMs, watchHighWaterBytes, watchPause } from './limits.js';
import { contentTypes } from './negotiation.js';
import type { Accepted, Format } from './negotiation.js';
import { metadataMessageOf, protobufOf } from './protobuf-answers.js';
import { Pulse } from './pulse.js';
import { isTrue } from './request-info.js';
import { bookmarkTable, includeObjectOf, partialMetadata, tableOf } from './table.js';
import { BatchJoiner, outletOf } from './watch-batches.js';

export type WatchAnswer = ApiAnswer & { readonly type: 'watch' };

type EventEncoder = (event: WatchEvent) => Buffer;

/** What a form depends on. */
type Encoding = Pick<AnswerTarget, 'accepted' | 'query' | 'clock'>;

const lineOf = (type: string, object: unknown): Buffer =>
  Buffer.from(`${JSON.stringify({ type, object })}\n`);

const objectOf = (event: WatchEvent): KubeObject =>
  event.stored?.object ??
  (JSON.parse(event.line().toString('utf8')) as { object: KubeObject }).object;

function frameOf(type: string, object: KubeObject, resource?: ResourceDefinition): Buffer {
  const encoded = protobufOf(object, resource);
  return encodeWatchFrame(type, encoded ?? Buffer.alloc(0));
}

function metadataFrame(event: WatchEvent, bare: KubeObject, metaVersion: string): Buffer {
  const type = { apiVersion: `meta.k8s.io/${metaVersion}`, kind: 'PartialObjectMetadata' };
  return encodeWatchFrame(event.type, sealEnvelope(type, metadataMessageOf(bare)));
}

/** The first event of a table watch carries the columns, later ones do not. */
function tableEncoder(target: Encoding, resource: ResourceDefinition): EventEncoder {
  const { metaVersion } = target.accepted;
  const includeObject = includeObjectOf(target.query);
  let withColumns = true;
  return (event) => {
    const options = { resource, metaVersion, includeObject, withColumns };
    withColumns = false;
    const name = `table ${metaVersion} ${includeObject} ${String(options.withColumns)}`;
    return event.lineAs(name, () => {
      const metadata = { resourceVersion: String(event.revision) };
      const draw = event.type === 'BOOKMARK' ? bookmarkTable : tableOf;
      const table = draw(objectOf(event), metadata, { ...options, nowMs: target.clock.now() });
      return lineOf(event.type, table);
    });
  };
}

/** How events become bytes in the accepted form. */
function encoderOf(target: Encoding, resource: ResourceDefinition): EventEncoder {
  const { form, metaVersion, format } = target.accepted;
  if (form === 'Table') return tableEncoder(target, resource);
  if (format === 'protobuf') {
    return form === 'Object'
      ? (event) => event.lineAs('protobuf', () => frameOf(event.type, objectOf(event), resource))
      : (event) =>
          event.lineAs(`protobuf partial ${metaVersion}`, () =>
            metadataFrame(event, bareObject(objectOf(event), resource), metaVersion),
          );
  }
  if (form === 'Object') return (event) => event.line();
  return (event) =>
    event.lineAs(`partial ${metaVersion}`, () =>
      lineOf(event.type, partialMetadata(bareObject(objectOf(event), resource), metaVersion)),
    );
}

/** A message of a watch over a WebSocket. */
export interface WatchMessage {
  readonly bytes: Buffer;
  /** Whether it is no text. */
  readonly binary: boolean;
}

/** How events become messages, of which all or none are text. */
export interface MessageEncoder {
  readonly encode: EventEncoder;
  readonly binary: boolean;
}

/** A message knows its own length. */
const withoutLength = (frame: Buffer): Buffer => frame.subarray(4);

/** How events become messages in the accepted form. */
export function messageEncoderOf(target: Encoding, resource: ResourceDefinition): MessageEncoder {
  const encode = encoderOf(target, resource);
  return target.accepted.format === 'protobuf'
    ? { encode: (event) => withoutLength(encode(event)), binary: true }
    : { encode, binary: false };
}

/** Kubernetes names the stream in the type of everything but JSON. */
const streamType = (format: Format): string =>
  format === 'json' ? contentTypes.json : `${contentTypes[format]};stream=watch`;

/** What all watches of a server share. */
export class WatchPace {
  readonly joiner = new BatchJoiner();
  private readonly pulse: Pulse;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
    this.pulse = new Pulse(clock, watchPause);
  }

  /**
   * Waits a moment between the writes of a watch whose events come thick and fast, so that the next write has several. An
   * event that comes alone, or after another one, waits for nothing.
   */
  pauser(): () => Promise<void> | undefined {
    let lastMs = 0;
    return () => {
      const nowMs = this.clock.monotonicMs();
      const isBusy = nowMs - lastMs < 2 * watchPause.maxMs;
      lastMs = nowMs;
      return isBusy ? this.pulse.next() : undefined;
    };
  }
}

/** Waits until the client has taken what was written for it; breaks off the watch where it takes too long. */
async function taken(sink: Writable, { response, clock }: AnswerTarget): Promise<void> {
  const cancel = clock.after(slowestDrainMs, () => response.destroy());
  await drained(sink, response);
  cancel();
}

/** Streams a watch until it ends, times out or the client goes; `shown` is called after each batch. */
export async function sendWatch(
  target: AnswerTarget,
  answer: WatchAnswer,
  { pace, shown }: { readonly pace: WatchPace; readonly shown: () => void },
): Promise<void> {
  const { response, clock } = target;
  const { watch } = answer;
  const encode = encoderOf(target, answer.resource);
  const pause = pace.pauser();
  response.writeHead(200, headersOf(target, streamType(target.accepted.format)));
  response.flushHeaders();
  const outlet = outletOf(response);
  const cancel = clock.after(answer.timeoutMs, watch.stop);
  response.once('close', watch.stop);
  try {
    for (let batch = await watch.next(); batch !== undefined; batch = await watch.next()) {
      const { sink, bytes } = outlet(pace.joiner.join(batch.map(encode)));
      if (!sink.write(bytes) && sink.writableLength > watchHighWaterBytes) {
        await taken(sink, target);
      }
      shown();
      await pause();
    }
  } finally {
    cancel();
    watch.stop();
    response.end();
  }
}

/** Whether a watch could not begin because its revision is too old. */
export const isTooOld = (error: unknown): error is StatusError =>
  isStatusError(error) && error.code === 410;

const errorEvent = ({ status }: StatusError, format: Format): Buffer => {
  const object = status as unknown as KubeObject;
  return format === 'protobuf' ? frameOf('ERROR', object) : lineOf('ERROR', object);
};

/** A failure as the only message of a watch. */
export function watchErrorMessage(error: StatusError, { format }: Accepted): WatchMessage {
  const event = errorEvent(error, format);
  const binary = format === 'protobuf';
  return { bytes: binary ? withoutLength(event) : event, binary };
}

/** A watch that could not begin because its revision is too old still opens, and says so in its first event. */
export function sendWatchError(target: AnswerTarget, error: unknown): boolean {
  if (!isTooOld(error)) return false;
  const { format } = target.accepted;
  target.response.writeHead(200, headersOf(target, streamType(format)));
  target.response.end(errorEvent(error, format));
  return true;
}

/** Whether a watch begins with what there is and says when that has been shown. */
export const showsAllFirst = (query: URLSearchParams): boolean =>
  query.size > 0 &&
  isTrue(query.get('sendInitialEvents')) &&
  isTrue(query.get('allowWatchBookmarks'));
