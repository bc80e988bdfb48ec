/** A request to the API and its answer, apart from how they travel: the same over TLS and in process. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition, Requester } from '../../api/schema/resource.js';
import type { YamlReading } from '../registry/yaml/read.js';
import type { ListResult } from '../watch/resource-store.js';
import type { Watch } from '../watch/watcher.js';
import type { Backend } from './proxy/reverse-proxy.js';
import type { ResourceRequest } from './request-info.js';

/** A body as it came, or an in-process client's JSON value, which belongs to the client and is not changed. */
export type ApiBody =
  | {
      readonly type: 'bytes';
      readonly bytes: Buffer;
      readonly mediaType: string;
      /** What the body says, where the media type is YAML. */
      readonly yaml?: YamlReading;
    }
  | { readonly type: 'value'; readonly value: unknown; readonly mediaType: string };

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: Requester;
  readonly target: ResourceRequest;
  /** The body, read when first needed: a request refused before costs nothing. */
  readonly body: () => ApiBody | Promise<ApiBody>;
  readonly signal: AbortSignal;
  /** Messages for `Warning` headers are added here. */
  readonly warnings: string[];
  /** What the client calls itself; empty where it does not say. */
  readonly userAgent: string;
  /** Facts for the audit record, where one is kept. */
  readonly auditAnnotations?: Map<string, string> | undefined;
  /** Whether that record tells what was sent. */
  readonly auditsBodies?: boolean | undefined;
  /** When it came, by the monotonic clock; absent where nobody waits for an answer for a certain time only. */
  readonly arrivedMs?: number | undefined;
}

export type ApiAnswer =
  | {
      readonly type: 'object';
      readonly status: number;
      readonly object: KubeObject;
      /** The object's JSON when it is at hand. */
      readonly bytes: Buffer | undefined;
      /** Absent where tables make no sense (Status, reviews). */
      readonly resource?: ResourceDefinition;
    }
  | {
      readonly type: 'list';
      readonly resource: ResourceDefinition;
      readonly page: ListResult<KubeObject>;
      readonly continueToken: string | undefined;
    }
  | {
      readonly type: 'watch';
      readonly resource: ResourceDefinition;
      readonly watch: Watch<KubeObject>;
      readonly timeoutMs: number;
    }
  /** The connection is handed through to the agent of a node. */
  | { readonly type: 'agent'; readonly connection: AgentConnection }
  /** The request goes on to another server, whose answer is the client's. */
  | { readonly type: 'proxy'; readonly backend: Backend }
  /** The client is to ask elsewhere, for good. */
  | { readonly type: 'redirect'; readonly location: string };

/** Where a request for logs, a command or a port goes on to. */
export interface AgentConnection {
  readonly host: string;
  readonly port: number;
  /** Whose certificate the agent must show. */
  readonly nodeName: string;
  /** Path and query on the agent. */
  readonly path: string;
}
