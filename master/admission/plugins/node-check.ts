/** What the checks of NodeRestriction share. */
import type { Pod } from '../../../api/core/v1/types.js';
import { notFound } from '../../../api/meta/status-error.js';
import type {
  AdmissionAttributes,
  AdmissionAuthorizer,
  AdmissionReader,
  Admitting,
} from '../admission.js';

/** The node that asks, and whom its checks ask in turn. */
export interface AskingNode {
  readonly name: string;
  readonly reader: AdmissionReader;
  readonly authorize: AdmissionAuthorizer;
}

/** Throws a 403 where the node may not do what it asks. */
export type NodeCheck = (attributes: AdmissionAttributes, node: AskingNode) => Admitting;

export const quoted = (text: string): string => JSON.stringify(text);

/** A pod as it is stored; 404 where there is none. */
export function storedPod(
  { reader }: AskingNode,
  key: { readonly namespace: string; readonly name: string },
): Pod {
  const found = reader.find('', 'pods', key) as Pod | undefined;
  if (found === undefined) throw notFound({ group: '', plural: 'pods' }, key.name);
  return found;
}
