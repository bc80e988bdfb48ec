/** What a check of the Pod Security Standards is, and the phrases their messages are made of. */
import type { Pod } from '../../../api/core/v1/types.js';
import { allContainers } from '../../../api/core/v1/pod/containers.js';
import type { AnyContainer } from '../../../api/core/v1/pod/containers.js';

/** What is wrong: in short, and in detail where there is more to say. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type SecuredPod = Pick<Pod, 'spec'> & {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> | undefined };
};

export interface PodCheck {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** The first minor version of Kubernetes whose standard has it. */
  readonly since: number;
  /** The baseline check that this one says more strictly. */
  readonly overrides?: string;
  /** Undefined where nothing is wrong. `minor` is the version of the standard. */
  readonly violation: (pod: SecuredPod, minor: number) => Violation | undefined;
}

/** The names of the containers that fail a test. */
export const namesWhere = (
  { spec }: SecuredPod,
  isBad: (container: AnyContainer) => boolean,
): readonly string[] =>
  allContainers(spec)
    .filter(isBad)
    .map(({ name }) => name);

/** The word for so many things. */
export const plural = (word: string, count: number): string => (count === 1 ? word : `${word}s`);

/** The texts in quotation marks, as they are, with commas between. */
export const quoted = (texts: readonly string[]): string =>
  texts.map((text) => `"${text}"`).join(', ');

/** `container "a"`, `containers "a", "b"`. */
export const theContainers = (names: readonly string[]): string =>
  `${plural('container', names.length)} ${quoted(names)}`;

/** `pod and container "a"`: who sets something. */
export const setters = (pod: boolean, names: readonly string[]): string =>
  [...(pod ? ['pod'] : []), ...(names.length === 0 ? [] : [theContainers(names)])].join(' and ');

/** Each text once, in order. */
export const sortedSet = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].sort();

/** Since 1.25 Linux settings are not asked of pods that say they run on Windows. */
export const isExemptWindows = ({ spec }: SecuredPod, minor: number): boolean =>
  minor >= 25 && spec.os?.name === 'windows';

/** Since 1.35, root in a user namespace of the pod's own is nobody on the node, and may be. */
export const isInUserNamespace = ({ spec }: SecuredPod, minor: number): boolean =>
  minor >= 35 && spec.hostUsers === false;
