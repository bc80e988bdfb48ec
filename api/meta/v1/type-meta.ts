import { inline, string } from '../../schema/schema.js';

/** The fields that say what a JSON object is. */
export const typeFields = {
  apiVersion: string(inline, 'The API group and version that this object is written in.'),
  kind: string(inline, 'The type of this object, as a CamelCase word.'),
};
