/** The discovery and OpenAPI documents of an extension API server, as far as they are merged with our own. */
import { createHash } from 'node:crypto';
import type { APIServiceSpec } from '../../../api/apiregistration/v1/types.js';
import type { ExtensionServer } from './extension-server.js';

/** An entry of an APIResourceList. */
export interface RemoteResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** A group and version that an extension server answers for. */
export interface RemoteGroupVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  readonly resources: readonly RemoteResource[];
  /** Its OpenAPI documents; absent where it offers none. */
  readonly openApiV2?: Readonly<Record<string, unknown>>;
  readonly openApiV3?: Readonly<Record<string, unknown>>;
  /** Changes when anything of this does. */
  readonly digest: string;
}

const json = 'application/json';

/** An extension server need not describe itself. */
async function optional(
  server: ExtensionServer,
  path: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return JSON.parse(await server.get(path, json)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Asks the server for everything; rejects where it does not answer discovery with a list of resources. */
export async function readDocuments(
  server: ExtensionServer,
  spec: APIServiceSpec,
): Promise<RemoteGroupVersion> {
  const { group = '', version = '' } = spec;
  const list = JSON.parse(await server.get(`/apis/${group}/${version}`, json)) as {
    readonly kind?: string;
    readonly resources?: readonly RemoteResource[];
  };
  if (list.kind !== 'APIResourceList') throw new Error(`it answers with ${list.kind ?? 'no kind'}`);
  const openApiV2 = await optional(server, '/openapi/v2');
  const openApiV3 = await optional(server, `/openapi/v3/apis/${group}/${version}`);
  const { groupPriorityMinimum: groupPriority, versionPriority } = spec;
  const facts = {
    group,
    version,
    groupPriority,
    versionPriority,
    resources: list.resources ?? [],
    ...(openApiV2 === undefined ? {} : { openApiV2 }),
    ...(openApiV3 === undefined ? {} : { openApiV3 }),
  };
  return { ...facts, digest: createHash('sha256').update(JSON.stringify(facts)).digest('hex') };
}
