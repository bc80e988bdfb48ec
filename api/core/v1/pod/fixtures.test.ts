/** Pods and refusals for the tests of what Kubernetes refuses of pods. */
import assert from 'node:assert/strict';
import { created } from '../../../schema/drafts.test.js';
import type { Pod } from '../types.js';
import { pods } from './pod.js';

export const container = { name: 'c', image: 'i' };

/** A new pod, defaulted and prepared. */
export const pod = (spec: object, metadata: object = {}): Pod =>
  created(pods, { spec: { containers: [container], ...spec } }, metadata);

/** A new pod whose one container has these fields. */
export const withContainer = (fields: object, spec: object = {}): Pod =>
  pod({ containers: [{ ...container, ...fields }], ...spec });

type Errors = readonly { readonly field: string; readonly message: string }[];
/** Refusals as they are shown. */
export const texts = (errors: Errors): string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);

/** Compares refusals with how each is to begin. */
export function refuses(errors: Errors, expected: readonly string[], what: unknown): void {
  const found = texts(errors);
  const matches = expected.map((start, at) => (found[at]?.startsWith(start) ? start : undefined));
  const unexpected = found.length === expected.length ? matches : found;
  assert.deepEqual(unexpected, expected, `${JSON.stringify(what)}\n${found.join('\n')}`);
}

/** Fields, and how their refusals begin. */
export type Cases = readonly (readonly [fields: object, expected: readonly string[]])[];
