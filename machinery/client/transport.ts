/**
 * How a client's requests reach an API server: in process (`master/server` implements it) or over HTTPS.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with its query string. */
  readonly path: string;
  readonly contentType?: string;
  /** A JSON value. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface Transport {
  /** Resolves with the parsed body of a 2xx answer; rejects with a StatusError for any other. */
  request(request: TransportRequest): Promise<unknown>;
  /** Yields `{type, object}` until the stream ends; ERROR events included, to be translated by the client. */
  watch(request: TransportRequest): AsyncIterable<{ type: string; object: KubeObject }>;
}
