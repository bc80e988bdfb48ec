/** The files of configMap, secret, downwardAPI and projected volumes. Reads sources; writes nothing. */
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from '../../api/core/v1/types.js';
import type { Payload, PayloadFile } from './atomic-writer.js';
import { tokenRenewalFraction, tokenRenewalMaxMs } from './limits.js';
import { VolumeError, type VolumeSources } from './sources.js';

const defaultMode = 0o644;
const tokenMode = 0o600;

export interface Projection {
  readonly payload: Payload;
  /** When the files must be made again at the latest, in milliseconds since the epoch: a token ages. */
  readonly renewAtMs?: number | undefined;
}

/** The objects a volume is made of. */
export interface SourceReference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
}

interface Builder {
  readonly pod: Pod;
  readonly sources: VolumeSources;
  readonly mode: number;
  readonly nowMs: number;
  readonly files: Map<string, PayloadFile>;
  renewAtMs: number | undefined;
}

interface KeyedSource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional: boolean;
}

async function keysOf(
  { pod, sources }: Builder,
  { kind, name }: KeyedSource,
): Promise<ReadonlyMap<string, Buffer> | undefined> {
  const namespace = pod.metadata.namespace ?? 'default';
  const keys = new Map<string, Buffer>();
  if (kind === 'Secret') {
    const secret = await sources.secret(namespace, name);
    if (secret === undefined) return undefined;
    for (const [key, text] of Object.entries(secret.data ?? {}))
      keys.set(key, Buffer.from(text, 'base64'));
    return keys;
  }
  const configMap = await sources.configMap(namespace, name);
  if (configMap === undefined) return undefined;
  for (const [key, text] of Object.entries(configMap.data ?? {})) keys.set(key, Buffer.from(text));
  for (const [key, text] of Object.entries(configMap.binaryData ?? {})) {
    keys.set(key, Buffer.from(text, 'base64'));
  }
  return keys;
}

async function addKeyed(builder: Builder, source: KeyedSource): Promise<void> {
  const keys = await keysOf(builder, source);
  const kind = source.kind.toLowerCase();
  if (keys === undefined) {
    if (source.optional) return;
    throw new VolumeError(`${kind} "${source.name}" not found`);
  }
  if (source.items === undefined || source.items.length === 0) {
    for (const [key, content] of keys) builder.files.set(key, { content, mode: builder.mode });
    return;
  }
  for (const { key, path, mode } of source.items) {
    const content = keys.get(key);
    if (content !== undefined) builder.files.set(path, { content, mode: mode ?? builder.mode });
    else if (!source.optional) throw new VolumeError(`references non-existent ${kind} key: ${key}`);
  }
}

function addDownward(builder: Builder, items: readonly DownwardAPIVolumeFile[]): void {
  const { pod, sources } = builder;
  for (const { path, mode, fieldRef, resourceFieldRef } of items) {
    const text =
      fieldRef === undefined
        ? resourceFieldRef === undefined
          ? ''
          : sources.resourceText(pod, resourceFieldRef)
        : sources.fieldText(pod, fieldRef.fieldPath);
    builder.files.set(path, { content: Buffer.from(text), mode: mode ?? builder.mode });
  }
}

async function addToken(
  builder: Builder,
  projection: ServiceAccountTokenProjection,
): Promise<void> {
  const { token, expiresAtMs } = await builder.sources.token(builder.pod, projection);
  const owned = builder.pod.spec.securityContext?.fsGroup !== undefined;
  const mode = owned ? tokenMode : builder.mode;
  builder.files.set(projection.path, { content: Buffer.from(token), mode });
  const lifeMs = Math.min((expiresAtMs - builder.nowMs) * tokenRenewalFraction, tokenRenewalMaxMs);
  builder.renewAtMs = Math.min(builder.renewAtMs ?? Infinity, builder.nowMs + lifeMs);
}

const keyedProjection = (source: VolumeProjection): KeyedSource | undefined => {
  const { configMap, secret } = source;
  const given = configMap ?? secret;
  if (given === undefined) return undefined;
  return {
    kind: configMap === undefined ? 'Secret' : 'ConfigMap',
    name: given.name ?? '',
    items: given.items,
    optional: given.optional ?? false,
  };
};

async function addProjection(builder: Builder, source: VolumeProjection): Promise<void> {
  const keyed = keyedProjection(source);
  if (keyed !== undefined) await addKeyed(builder, keyed);
  else if (source.downwardAPI !== undefined) addDownward(builder, source.downwardAPI.items ?? []);
  else if (source.serviceAccountToken !== undefined) {
    await addToken(builder, source.serviceAccountToken);
  } else throw new VolumeError(`projected source ${Object.keys(source).join()} is not supported`);
}

function keyedVolume({ configMap, secret }: Volume): KeyedSource | undefined {
  if (configMap !== undefined) {
    const { name = '', items, optional = false } = configMap;
    return { kind: 'ConfigMap', name, items, optional };
  }
  if (secret === undefined) return undefined;
  const { secretName = '', items, optional = false } = secret;
  return { kind: 'Secret', name: secretName, items, optional };
}

/** Whether the volume's files are made from the API rather than kept by the pod. */
export const isProjected = (volume: Volume): boolean =>
  [volume.configMap, volume.secret, volume.downwardAPI, volume.projected].some(
    (source) => source !== undefined,
  );

/** The objects to watch for a volume's files to stay up to date. */
export function referencesOf(pod: Pod, volume: Volume): readonly SourceReference[] {
  const namespace = pod.metadata.namespace ?? 'default';
  const own = keyedVolume(volume);
  const projected = (volume.projected?.sources ?? []).map(keyedProjection);
  return [own, ...projected].flatMap((source) =>
    source === undefined ? [] : [{ kind: source.kind, namespace, name: source.name }],
  );
}

/** Rejects with `VolumeError` when something required is missing. */
export async function project(
  pod: Pod,
  volume: Volume,
  options: { readonly sources: VolumeSources; readonly nowMs: number },
): Promise<Projection> {
  const source = volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected;
  const builder: Builder = {
    pod,
    sources: options.sources,
    nowMs: options.nowMs,
    mode: source?.defaultMode ?? defaultMode,
    files: new Map(),
    renewAtMs: undefined,
  };
  const keyed = keyedVolume(volume);
  if (keyed !== undefined) await addKeyed(builder, keyed);
  if (volume.downwardAPI !== undefined) addDownward(builder, volume.downwardAPI.items ?? []);
  for (const each of volume.projected?.sources ?? []) await addProjection(builder, each);
  return { payload: builder.files, renewAtMs: builder.renewAtMs };
}
