/** What Kubernetes says of alpha and beta versions: from when on they are deprecated, and until when they are there. */
import { apiVersionOf } from './resource.js';

/** The minor release of Kubernetes whose API this is. */
const currentRelease = 36;

/** A deprecated version goes this many minor releases later. */
const releasesToRemoval = 3;

interface PreRelease {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The minor release of Kubernetes 1 from which on it is deprecated: the third after the one it came in, as a rule. */
  readonly deprecated: number;
}

/** The warning that comes with each answer once a version of a kind is deprecated, to be spread into a declaration. */
export function preRelease({ group, version, kind, deprecated }: PreRelease): {
  readonly deprecation?: string;
} {
  if (deprecated > currentRelease) return {};
  const name = `${apiVersionOf({ group, version })} ${kind}`;
  const removed = deprecated + releasesToRemoval;
  return {
    deprecation: `${name} is deprecated in v1.${String(deprecated)}+, unavailable in v1.${String(removed)}+`,
  };
}
