import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PolicyRule } from '../../api/rbac/v1/types.js';
import { rule } from './fixtures.test.js';
import { missingRules, missingText } from './rule-coverage.js';
import { allowsPath, allowsResource, namesOf } from './rules.js';

const cases: readonly [string, readonly PolicyRule[], readonly PolicyRule[], string][] = [
  ['the same rule is covered', [rule('get', 'pods')], [rule('get', 'pods')], ''],
  [
    'several rules cover one together',
    [rule('get', 'pods'), rule('list', 'pods')],
    [rule('get list', 'pods')],
    '',
  ],
  [
    'what is missing is told with all its verbs',
    [rule('get', 'pods')],
    [rule('get list watch', 'pods nodes')],
    '{APIGroups:[""], Resources:["nodes"], Verbs:["get" "list" "watch"]}\n{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}',
  ],
  [
    'a star is more than every verb there is',
    [rule('get list', 'pods')],
    [rule('*', 'pods')],
    '{APIGroups:[""], Resources:["pods"], Verbs:["*"]}',
  ],
  [
    'a subresource of all covers that of one',
    [rule('update', '*/scale')],
    [rule('update', 'deployments/scale')],
    '',
  ],
  [
    'a rule for names does not cover one for all',
    [rule('get', 'pods', { resourceNames: ['a'] })],
    [rule('get', 'pods')],
    '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
  ],
  [
    'a rule for all covers one for names',
    [rule('get', 'pods')],
    [rule('get', 'pods', { resourceNames: ['a', 'b'] })],
    '',
  ],
  [
    'missing names are told',
    [rule('get', 'pods', { resourceNames: ['a'] })],
    [rule('get delete', 'pods', { resourceNames: ['a', 'b'] })],
    '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["delete"]}\n{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get" "delete"]}',
  ],
  [
    'paths below a star are covered',
    [{ verbs: ['get'], nonResourceURLs: ['/api/*'] }],
    [{ verbs: ['get'], nonResourceURLs: ['/api/v1', '/api/v1/*'] }],
    '',
  ],
  [
    'missing paths are told one by one',
    [],
    [{ verbs: ['get', 'post'], nonResourceURLs: ['/x'] }],
    '{NonResourceURLs:["/x"], Verbs:["get"]}\n{NonResourceURLs:["/x"], Verbs:["post"]}',
  ],
];

for (const [name, owned, wanted, expected] of cases) {
  test(`coverage finds that ${name}`, () => {
    assert.equal(missingText(missingRules(owned, wanted)), expected);
  });
}

const some = (...values: string[]) => fc.subarray(values, { minLength: 1 });
const ruleArbitrary: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record(
    {
      verbs: some('get', 'list', '*'),
      apiGroups: some('', 'apps', '*'),
      resources: some('pods', 'pods/log', '*/log', '*'),
      resourceNames: fc.subarray(['x', 'y']),
    },
    { requiredKeys: ['verbs', 'apiGroups', 'resources'] },
  ),
  fc.record({ verbs: some('get', '*'), nonResourceURLs: some('/a', '/a*', '/a/*', '*') }),
);

const requests = ['get', 'list', 'create'].flatMap((verb) =>
  ['', 'apps', 'other'].flatMap((group) =>
    ['pods', 'nodes'].flatMap((plural) =>
      ['', 'log', 'exec'].flatMap((subresource) =>
        ['', 'x', 'z'].map((name) => ({ verb, group, plural, subresource, name })),
      ),
    ),
  ),
);

test('coverage never calls rules covered that allow what the others do not', () => {
  fc.assert(
    fc.property(
      fc.array(ruleArbitrary, { maxLength: 4 }),
      fc.array(ruleArbitrary, { maxLength: 3 }),
      (owned, wanted) => {
        if (missingRules(owned, wanted).length > 0) return;
        const allows = (rules: readonly PolicyRule[], request: (typeof requests)[number]) =>
          rules.some(
            (own) => allowsResource(own, request) && (namesOf(own)?.includes(request.name) ?? true),
          );
        for (const request of requests) {
          if (allows(wanted, request)) assert.ok(allows(owned, request), JSON.stringify(request));
        }
        for (const path of ['/a', '/a/b', '/ab', '/c']) {
          const isWanted = wanted.some((own) => allowsPath(own, 'get', path));
          if (isWanted)
            assert.ok(
              owned.some((own) => allowsPath(own, 'get', path)),
              path,
            );
        }
      },
    ),
    { numRuns: 500 },
  );
});
