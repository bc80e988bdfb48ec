/** What Kubernetes says of alpha and beta versions: since when there is one, and so until when. */
import { apiVersionOf } from './resource.js';

/** The minor release of Kubernetes whose API this is. */
const currentRelease = 36;

/** An alpha or beta version is deprecated this many minor releases after its introduction, and goes as many after that. */
const releasesAPhase = 3;

interface PreRelease {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The minor release of Kubernetes 1 in which the version of the kind came. */
  readonly introduced: number;
}

/** The warning that comes with each answer once a version of a kind is deprecated, spread into a declaration. */
export function preRelease({ group, version, kind, introduced }: PreRelease): {
  readonly deprecation?: string;
} {
  const deprecated = introduced + releasesAPhase;
  if (deprecated > currentRelease) return {};
  const name = `${apiVersionOf({ group, version })} ${kind}`;
  const removed = deprecated + releasesAPhase;
  return {
    deprecation: `${name} is deprecated in v1.${String(deprecated)}+, unavailable in v1.${String(removed)}+`,
  };
}
