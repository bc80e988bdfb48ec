/** Bounds of the command line. */

/** How long `pintle up` waits for the API. */
export const masterReadyMs = 60_000;

/** How long `pintle up` waits for its node. */
export const nodeReadyMs = 60_000;

/** How often it looks. */
export const pollMs = 25;

/** How long a child may take to end when told to. */
export const stopMs = 10_000;

/** `pintle up` joins its agent at once. */
export const upTokenLifetimeMs = 10 * 60 * 1000;

/** How long a token of `pintle token create` is good, as kubeadm has it. */
export const tokenLifetimeMs = 24 * 60 * 60 * 1000;
