import assert from 'node:assert/strict';
import test from 'node:test';
import { mediaTypeOf, negotiate } from './negotiation.js';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

test('the best acceptable form is chosen', () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'json Object v1'],
    ['*/*', 'json Object v1'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json Object v1'],
    ['text/html, application/json;q=0.9', 'json Object v1'],
    ['application/yaml', 'yaml Object v1'],
    [`${table},application/json`, 'json Table v1'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'json Object v1'],
    ['application/json;as=Chart;v=v1;g=meta.k8s.io', 'none'],
    ['text/html', 'none'],
    ['garbage', 'none'],
  ];
  for (const [accept, expected] of cases) {
    const found = negotiate(accept);
    const text =
      found === undefined ? 'none' : `${found.format} ${found.form} ${found.metaVersion}`;
    assert.equal(text, expected, accept);
  }
});

test('a content type is read without its parameters', () => {
  assert.equal(mediaTypeOf('Application/JSON; charset=utf-8'), 'application/json');
  assert.equal(mediaTypeOf(undefined), '');
  assert.equal(mediaTypeOf(';;;'), 'unknown');
});
