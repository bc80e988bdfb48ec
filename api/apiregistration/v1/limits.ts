/** Bounds of APIServices, as Kubernetes has them. */

export const maxGroupPriority = 20_000;
export const maxVersionPriority = 1000;
/** The port of an extension server's Service that names none. */
export const defaultServicePort = 443;
export const conditionStatuses = ['False', 'True', 'Unknown'] as const;
