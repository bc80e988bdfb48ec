/** What ConfigMaps and Secrets have in common: the size limit and immutability. */
import { jsonEqual } from '../../patch/json-value.js';

/** Bytes of all values of one ConfigMap or Secret together. */
export const maxDataBytes = 1024 * 1024;

/** Why a write to an immutable ConfigMap or Secret is refused. */
export const immutableMessage = 'field is immutable when `immutable` is set';

type StringMap = Readonly<Record<string, string>>;

/** Whether two maps differ, absent and empty being the same. */
export const changed = (value: StringMap | undefined, stored: StringMap | undefined): boolean =>
  !jsonEqual(value ?? {}, stored ?? {});
