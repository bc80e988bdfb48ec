/** Bounds of what the registry does for one request. */

/** Tries at an update whose object changes underneath it, when the client gave no resourceVersion. */
export const maxUpdateAttempts = 30;
/** Names tried for `generateName` before the client is told of the clash. */
export const maxGeneratedNameAttempts = 8;
/** A generated name keeps this many bytes of its prefix, so that name and suffix fit into a label. */
export const maxGeneratedPrefixBytes = 58;
export const generatedSuffixLength = 5;
/** Unknown and duplicate fields reported for one body; more are dropped. */
export const maxStrictErrors = 100;
/** Nesting of a decoded value; deeper input is refused. */
export const maxNestingDepth = 250;
/** Objects and lists within one another in JSON text; what follows handles values recursively. */
export const maxTextDepth = 500;
/** The same of YAML, whose reader uses more of the stack; a regular expression compiled near its end would end the process. */
export const maxYamlDepth = 250;
/** YAML that is no JSON; reading it takes a hundred times as long. */
export const maxYamlBytes = 1024 * 1024;
/** Longer YAML is read on a thread of its own; at its slowest, this much takes 20 µs a character. */
export const maxInlineYamlChars = 4 * 1024;
/** How long reading one body of YAML may take. */
export const yamlTimeoutMs = 10_000;
/** Memory of the thread that reads YAML. */
export const maxYamlHeapMiB = 512;
/** Bodies of YAML that wait to be read. */
export const maxWaitingYaml = 64;
/** The thread is given up after so long without work. */
export const yamlThreadIdleMs = 30_000;
/** Objects a deletecollection handles at once. */
export const deleteCollectionConcurrency = 8;
/** Node ports probed at random before a linear search. */
export const allocationProbes = 32;
/** Addresses at the start of a range that are given only to who asks for them; Kubernetes' figure. */
export const maxReservedAddresses = 256;
/** How often a deleted definition looks whether its objects are gone. */
export const drainRetryMs = 1_000;
/** How long a webhook may take to convert objects; Kubernetes' figure. */
export const conversionTimeoutMs = 30_000;
/** Objects converted at once where a selector has to look at what they become. */
export const conversionPageObjects = 500;
/** Times that were read before: every object repeats those of its metadata each time it is written. */
export const maxKnownTimes = 1024;
