import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../api/core/v1/config-map.js';
import { builtInResources } from '../../api/resources.js';
import { encodeContinueToken } from './continue-token.js';
import { listQuery, watchQuery } from './list-options.js';

const resource = builtInResources.find(({ plural }) => plural === configMaps.plural);
assert.ok(resource);

const token = encodeContinueToken({ revision: 5, start: 'n/a' });

test('the revision of a list follows resourceVersion, resourceVersionMatch, limit and continue', () => {
  const cases: Readonly<Record<string, string>> = {
    '': 'now',
    'resourceVersion=0': 'now, not older than 0',
    'resourceVersion=7': 'now, not older than 7',
    'resourceVersion=7&limit=2': '7, 2',
    'resourceVersion=0&limit=2': 'now, not older than 0',
    'resourceVersion=7&limit=2&resourceVersionMatch=NotOlderThan': 'now, not older than 7, 2',
    'resourceVersion=7&resourceVersionMatch=Exact': '7',
    'limit=2': 'now, 2',
    'limit=-1': 'now',
    [`continue=${token}`]: '5, after n/a',
    [`continue=${token}&limit=3&resourceVersion=0`]: '5, 3, after n/a',
    [`continue=${encodeContinueToken({ revision: undefined, start: 'a' })}`]: 'now, after a',
  };
  for (const [query, expected] of Object.entries(cases)) {
    const found = listQuery(resource, new URLSearchParams(query));
    const shown = [
      found.atRevision ?? 'now',
      found.notOlderThan === undefined ? '' : `not older than ${String(found.notOlderThan)}`,
      found.limit ?? '',
      found.continueAfter === undefined ? '' : `after ${found.continueAfter}`,
    ];
    assert.equal(shown.filter((part) => part !== '').join(', '), expected, query);
  }
});

test('what a watch shows first follows resourceVersion and sendInitialEvents', () => {
  const list = 'resourceVersionMatch=NotOlderThan&sendInitialEvents';
  const cases: Readonly<Record<string, string>> = {
    '': 'state',
    'resourceVersion=0': 'state',
    'resourceVersion=7': 'none after 7',
    [`${list}=true&allowWatchBookmarks=true`]: 'state-and-end',
    [`${list}=true`]: 'state',
    [`${list}=true&resourceVersion=7&allowWatchBookmarks=1`]: 'state-and-end after 7',
    [`${list}=false`]: 'none',
    [`${list}=false&resourceVersion=0`]: 'none',
  };
  for (const [query, expected] of Object.entries(cases)) {
    const { initialEvents, afterRevision } = watchQuery(resource, new URLSearchParams(query));
    const after = afterRevision === undefined ? '' : ` after ${String(afterRevision)}`;
    assert.equal(`${initialEvents}${after}`, expected, query);
  }
});

const match = 'resourceVersionMatch: Forbidden: ';

test('combinations that mean nothing are refused in the words of Kubernetes', () => {
  const lists: Readonly<Record<string, string>> = {
    'resourceVersionMatch=Exact': `${match}resourceVersionMatch is forbidden unless resourceVersion is provided`,
    'resourceVersion=0&resourceVersionMatch=Exact': `${match}resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
    'resourceVersion=5&resourceVersionMatch=Nearly':
      'resourceVersionMatch: Unsupported value: "Nearly": supported values: "Exact", "NotOlderThan", ""',
    [`continue=${token}&resourceVersionMatch=Exact`]: `[${match}resourceVersionMatch is forbidden unless resourceVersion is provided, ${match}resourceVersionMatch is forbidden when continue is provided]`,
    'sendInitialEvents=true':
      'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
  };
  const watches: Readonly<Record<string, string>> = {
    'sendInitialEvents=true': `${match}sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`,
    'resourceVersionMatch=NotOlderThan': `${match}resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided`,
    'sendInitialEvents=true&resourceVersionMatch=Exact': `[${match}sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]`,
  };
  const prefix = 'ListOptions.meta.k8s.io "" is invalid: ';
  for (const [query, why] of Object.entries(lists)) {
    const message = prefix + why;
    assert.throws(() => listQuery(resource, new URLSearchParams(query)), { message }, query);
  }
  for (const [query, why] of Object.entries(watches)) {
    const message = prefix + why;
    assert.throws(() => watchQuery(resource, new URLSearchParams(query)), { message }, query);
  }
});

test('numbers that Go cannot parse are refused in its words, though nothing reads them', () => {
  const syntax = 'invalid syntax';
  const range = 'value out of range';
  const cases: Readonly<Record<string, string>> = {
    'timeoutSeconds=soon': `strconv.ParseInt: parsing "soon": ${syntax}`,
    'limit=1.5': `strconv.ParseInt: parsing "1.5": ${syntax}`,
    'limit=9223372036854775808': `strconv.ParseInt: parsing "9223372036854775808": ${range}`,
    'resourceVersion=-1': `resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": ${syntax}`,
    'resourceVersion=18446744073709551616': `resourceVersion: Invalid value: "18446744073709551616": strconv.ParseUint: parsing "18446744073709551616": ${range}`,
  };
  for (const [query, message] of Object.entries(cases)) {
    assert.throws(() => listQuery(resource, new URLSearchParams(query)), { message }, query);
  }
  const greatest = new URLSearchParams('limit=%2B9223372036854775807&timeoutSeconds=-5');
  assert.equal(listQuery(resource, greatest).limit, 2 ** 63);
});
