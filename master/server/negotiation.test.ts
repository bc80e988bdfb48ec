import assert from 'node:assert/strict';
import test from 'node:test';
import { mediaTypeOf, negotiate, negotiateOrThrow } from './negotiation.js';
import type { Offer } from './negotiation.js';
import { errorText } from '../../machinery/error-text.js';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

test('the best acceptable form is chosen', () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'json Object v1'],
    ['*/*', 'json Object v1'],
    ['application/vnd.kubernetes.protobuf,application/json', 'protobuf Object v1'],
    ['*/*;q=0.8,application/yaml;q=0.8', 'yaml Object v1'],
    ['application/*', 'none'],
    ['application/cbor', 'none'],
    ['application/cbor, application/json', 'json Object v1'],
    [`application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io`, 'none'],
    [
      `application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io`,
      'protobuf PartialObjectMetadata v1',
    ],
    ['text/html, application/json;q=0.9', 'json Object v1'],
    ['application/yaml', 'yaml Object v1'],
    [`${table},application/json`, 'json Table v1'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'json Object v1'],
    ['application/json;as=Chart;v=v1;g=meta.k8s.io', 'none'],
    ['application/json;g=meta.k8s.io;v=v1', 'none'],
    ['application/json;stream=watch', 'json Object v1'],
    ['application/json;stream=other', 'none'],
    ['application/yaml;stream=watch', 'none'],
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

test('a watch is no YAML, a custom resource no protobuf, and the refusal says what there is', () => {
  const refusal = (accept: string, offer: Offer): string => {
    try {
      negotiateOrThrow(accept, offer);
      return 'accepted';
    } catch (error) {
      return errorText(error);
    }
  };
  const whole = { watching: false, protobufObjects: true, tables: true };
  const protobuf = 'application/vnd.kubernetes.protobuf';
  const only = 'only the following media types are accepted: application/json';
  assert.equal(refusal('text/html', whole), '406: Not Acceptable');
  assert.equal(
    refusal(`${protobuf};as=Table;v=v1;g=meta.k8s.io`, whole),
    `${only}, application/yaml, ${protobuf}`,
  );
  const watched = { ...whole, watching: true };
  assert.equal(
    refusal('application/yaml', watched),
    `${only};stream=watch, ${protobuf};stream=watch`,
  );
  assert.equal(
    refusal('application/json;as=Chart', watched),
    `${only}, application/yaml, ${protobuf}`,
  );
  const custom = { ...whole, protobufObjects: false };
  assert.equal(refusal(protobuf, custom), `${only}, application/yaml`);
  assert.equal(
    refusal(`${protobuf};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`, custom),
    'accepted',
  );
  const answered = { ...whole, tables: false };
  assert.equal(refusal(table, answered), `${only}, application/yaml, ${protobuf}`);
  assert.equal(refusal(`${table},application/json`, answered), 'accepted');
});

test('a content type is read without its parameters', () => {
  assert.equal(mediaTypeOf('Application/JSON; charset=utf-8'), 'application/json');
  assert.equal(mediaTypeOf(undefined), '');
  assert.equal(mediaTypeOf(';;;'), 'unknown');
});

test('an Accept header finds nothing that objects inherit', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'valueOf;as=constructor']) {
    assert.equal(negotiate(name), undefined, name);
  }
});
