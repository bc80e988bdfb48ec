/** The discovery and OpenAPI documents of an extension API server, as far as they are merged with our own. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { APIServiceSpec } from '../../../api/apiregistration/v1/types.js';
import type { ExtensionServer } from './extension-server.js';

/** An entry of an APIResourceList. */
export interface RemoteResource {
  readonly name: string;
  readonly singularName?: string | undefined;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
}

const names = z.array(z.string());

/** Go writes what is unset as null. */
const orNone = <Value extends z.ZodType>(value: Value) =>
  value.nullish().transform((given) => given ?? undefined);

const remoteResource: z.ZodType<RemoteResource> = z.object({
  name: z.string(),
  singularName: orNone(z.string()),
  namespaced: z
    .boolean()
    .nullish()
    .transform((given) => given === true),
  kind: z.string(),
  group: orNone(z.string()),
  version: orNone(z.string()),
  verbs: names.nullish().transform((given) => given ?? []),
  shortNames: orNone(names),
  categories: orNone(names),
});

const resourceList = z.object({
  kind: z.literal('APIResourceList'),
  resources: z
    .array(remoteResource)
    .nullish()
    .transform((given) => given ?? []),
});

const byName = z.record(z.string(), z.looseObject({}));
/** As much as has to be right for the rest to be merged with ours. */
const openApi = z.looseObject({ paths: byName.optional(), definitions: byName.optional() });

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
  server: Pick<ExtensionServer, 'get'>,
  path: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return openApi.parse(JSON.parse(await server.get(path, json)));
  } catch {
    return undefined;
  }
}

async function resourcesOf(
  server: Pick<ExtensionServer, 'get'>,
  path: string,
): Promise<readonly RemoteResource[]> {
  const list = resourceList.safeParse(JSON.parse(await server.get(path, json)));
  if (list.success) return list.data.resources;
  throw new Error(`it answers with no list of resources: ${z.prettifyError(list.error)}`);
}

/** Asks the server for everything; rejects where it does not answer discovery with a list of resources. */
export async function readDocuments(
  server: Pick<ExtensionServer, 'get'>,
  spec: APIServiceSpec,
): Promise<RemoteGroupVersion> {
  const { group = '', version = '' } = spec;
  const resources = await resourcesOf(server, `/apis/${group}/${version}`);
  const openApiV2 = await optional(server, '/openapi/v2');
  const openApiV3 = await optional(server, `/openapi/v3/apis/${group}/${version}`);
  const { groupPriorityMinimum: groupPriority, versionPriority } = spec;
  const facts = {
    group,
    version,
    groupPriority,
    versionPriority,
    resources,
    ...(openApiV2 === undefined ? {} : { openApiV2 }),
    ...(openApiV3 === undefined ? {} : { openApiV3 }),
  };
  return { ...facts, digest: createHash('sha256').update(JSON.stringify(facts)).digest('hex') };
}
