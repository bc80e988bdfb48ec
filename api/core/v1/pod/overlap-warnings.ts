/** What the API tells the writer of a pod whose volumes make several files of one path. Called by `warnings.ts`. Pure. */
import { trimmedEnd } from '../../../trimmed-end.js';
import type { DownwardAPIVolumeFile, KeyToPath, Volume, VolumeProjection } from '../types.js';

const quoted = (text = ''): string => JSON.stringify(text);

const pathsOf = (items: readonly (KeyToPath | DownwardAPIVolumeFile)[]): string[] =>
  items.map(({ path }) => path);

/** The path among those before that this one hides, or would have to lie in. */
function collisionOf(path: string, before: readonly string[]): string | undefined {
  for (const other of before) {
    // Kubernetes looks no further where a path is missing, which is refused elsewhere.
    if (other === '' || path === '') return undefined;
    if (`${other}/`.startsWith(path) || `${path}/`.startsWith(other)) return other;
  }
  return undefined;
}

/** What the paths belong to is spelled only where it has to be told. */
type Subject = () => string;

function overlaps(paths: readonly string[], subject: Subject): string[] {
  if (paths.length < 2) return [];
  const seen: string[] = [];
  return paths.flatMap((given) => {
    const path = trimmedEnd(given, '/');
    const other = collisionOf(path, seen);
    seen.push(path);
    return other === undefined
      ? []
      : [`${subject()}: overlapping paths: ${quoted(path)} with ${quoted(other)}`];
  });
}

interface Files {
  readonly paths: readonly string[];
  readonly subject: Subject;
}

/** The files of a source that says which it makes. */
function filesOf(volume: string, source: VolumeProjection): Files | undefined {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  const made = (paths: readonly string[], what: Subject): Files => ({
    paths,
    subject: () => `volume ${quoted(volume)} (Projected ${what()})`,
  });
  if (configMap?.items !== undefined) {
    return made(pathsOf(configMap.items), () => `ConfigMap ${quoted(configMap.name)}`);
  }
  if (secret?.items !== undefined) {
    return made(pathsOf(secret.items), () => `Secret ${quoted(secret.name)}`);
  }
  if (downwardAPI?.items !== undefined)
    return made(pathsOf(downwardAPI.items), () => 'DownwardAPI');
  if (serviceAccountToken !== undefined) {
    return made([serviceAccountToken.path], () => 'ServiceAccountToken');
  }
  if (clusterTrustBundle === undefined) return undefined;
  const { name, signerName, path } = clusterTrustBundle;
  return made([path], () => `ClusterTrustBundle ${quoted(name ?? signerName)}`);
}

/** Whether the sources make files, and each its own: the volume that every pod has does, so it is looked at without more ado. */
function isPlain(sources: readonly VolumeProjection[]): boolean {
  const seen: string[] = [];
  for (const source of sources) {
    const { configMap, secret, downwardAPI, serviceAccountToken: token } = source;
    const items = configMap?.items ?? secret?.items ?? downwardAPI?.items;
    if (items === undefined && token === undefined) return false;
    for (const { path } of items ?? []) {
      if (collisionOf(path, seen) !== undefined) return false;
      seen.push(path);
    }
    if (token === undefined) continue;
    if (collisionOf(token.path, seen) !== undefined) return false;
    seen.push(token.path);
  }
  return true;
}

/** Sources collide among themselves and with those before them. */
function projectedOverlaps(volume: string, sources: readonly VolumeProjection[]): string[] {
  if (isPlain(sources)) return [];
  const before = new Set<string>();
  return sources.flatMap((source) => {
    const isEmpty = Object.values(source).every((value) => value === undefined);
    if (isEmpty) return [`volume ${quoted(volume)} (Projected) has no sources provided`];
    const files = filesOf(volume, source);
    if (files === undefined) return [];
    const own = [...new Set(files.paths)];
    const all = [...own, ...before].sort();
    for (const path of own) before.add(path);
    return [...overlaps(files.paths, files.subject), ...overlaps(all, files.subject)];
  });
}

/** Every path is compared with every other; nobody has more of them, and nobody is told of all their collisions. */
const maxComparedFiles = 1_000;

function countOfFiles({ configMap, secret, downwardAPI, projected }: Volume): number {
  const items = configMap?.items ?? secret?.items ?? downwardAPI?.items ?? [];
  return (projected?.sources ?? []).reduce(
    (count, source) => count + 1 + (filesOf('', source)?.paths.length ?? 0),
    items.length,
  );
}

/** The warnings for the volumes of a pod. */
export const overlapWarnings = (volumes: readonly Volume[]): string[] =>
  volumes.flatMap((volume) => {
    if (countOfFiles(volume) > maxComparedFiles) return [];
    const { name, configMap, secret, downwardAPI, projected } = volume;
    if (projected !== undefined) return projectedOverlaps(name, projected.sources ?? []);
    const items = configMap?.items ?? secret?.items ?? downwardAPI?.items;
    if (items === undefined) return [];
    const source =
      configMap !== undefined
        ? `ConfigMap ${quoted(configMap.name)}`
        : secret !== undefined
          ? `Secret ${quoted(secret.secretName)}`
          : 'DownwardAPI';
    return overlaps(pathsOf(items), () => `volume ${quoted(name)} (${source})`);
  });
