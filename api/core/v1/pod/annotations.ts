/** Annotations that once said what fields of a pod's security contexts say now; the last two end in a container's name. */

export const podSeccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';
export const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

/** What is said of the last one. */
export const appArmorReplacement =
  'deprecated since v1.30; use the "appArmorProfile" field instead';
