/** Labels of nodes that are going out of use. Called for whatever selects nodes by labels. Pure. */
import { child, index } from '../../validation/field-error.js';
import type { NodeSelectorTerm } from './types.js';

const replacements: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods':
    'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What to use in place of a label; undefined where it is in use. */
export const deprecatedNodeLabel = (name: string): string | undefined =>
  Object.hasOwn(replacements, name) ? replacements[name] : undefined;

/** The warnings for a term that selects nodes. */
export const nodeTermWarnings = (term: NodeSelectorTerm, field: string): string[] =>
  (term.matchExpressions ?? []).flatMap(({ key: label }, position) => {
    const text = deprecatedNodeLabel(label);
    const path = child(index(child(field, 'matchExpressions'), position), 'key');
    return text === undefined ? [] : [`${path}: ${label} is ${text}`];
  });
