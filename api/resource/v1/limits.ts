/** Bounds of dynamic resources, as in Kubernetes. */

/** Entries of the lists of a claim: requests, constraints, settings, selectors; devices and results of an allocation. */
export const maxClaimEntries = 32;

/** Settings of an allocation: those of the class and those of the claim. */
export const maxAllocationConfigs = 2 * maxClaimEntries;

/** Wishes of one request. */
export const maxAlternatives = 8;

/** Tolerations of one request, and taints of one device. */
export const maxTolerations = 16;

/** Who may use one claim at once. */
export const maxConsumers = 256;

/** Bytes of the name of a pool. */
export const maxPoolNameBytes = 253;

/** Bytes of the name of a driver. */
export const maxDriverNameBytes = 63;

/** Bytes of the domain of an attribute, and of its name without the domain. */
export const maxAttributeDomainBytes = 63;
export const maxAttributeNameBytes = 32;

/** Bytes of a text or version among the attributes. */
export const maxAttributeValueBytes = 64;

/** Attributes and capacities of one device together. */
export const maxAttributesAndCapacities = 32;

/** Values of the attributes of one device, each entry of a list for itself. */
export const maxAttributeValues = 48;

/** Devices of one slice; fewer where they have taints, counters or lists among their attributes. */
export const maxDevices = { plain: 128, elaborate: 64 } as const;

/** Sets of counters of one slice, counters of one set, sets one device takes from. */
export const maxCounterSets = 8;
export const maxCounters = 32;
export const maxConsumedSets = 2;

/** Conditions before binding, and conditions against it. */
export const maxBindingConditions = 4;

/** Conditions a driver reports about one device. */
export const maxDeviceConditions = 8;

/** Bytes of settings, of what a driver reports, and of a CEL expression. */
export const maxParametersBytes = 10 * 1024;

/** Amounts of a capacity that may be asked for. */
export const maxCapacityOptions = 10;

/** Bytes and entries of what is known of a network device. */
export const maxInterfaceNameBytes = 256;
export const maxHardwareAddressBytes = 128;
export const maxInterfaceAddresses = 16;

/** Pools an answer about them has: where nothing is said, and at most. */
export const defaultPoolLimit = 100;
export const maxPoolLimit = 1000;
