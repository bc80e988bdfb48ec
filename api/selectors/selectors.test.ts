import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesFields, parseFieldSelector } from './field.js';
import {
  formatLabelMatcher,
  formatLabelSelector,
  labelMatcherFrom,
  matchesLabels,
  parseLabelSelector,
} from './label.js';

const labels = { app: 'web', tier: 'front', size: '10', empty: '' };

const matching: readonly [string, boolean][] = [
  ['', true],
  ['app=web', true],
  ['app==web', true],
  ['app!=web', false],
  ['other!=web', true],
  ['app in (web, db)', true],
  ['app notin (web,db)', false],
  ['app', true],
  ['!app', false],
  ['!other', true],
  ['size>9', true],
  ['size<9', false],
  ['app>1', false],
  ['empty=', true],
  ['empty in ()', true],
  ['app=web,tier=front', true],
  [' app = web , tier = back ', false],
  ['in in (in)', false],
];

for (const [selector, expected] of matching) {
  test(`label selector ${JSON.stringify(selector)} ${expected ? 'matches' : 'does not match'}`, () => {
    assert.equal(matchesLabels(parseLabelSelector(selector), labels), expected);
  });
}

const broken: readonly [string, string][] = [
  ['a=b,,c', "found ',', expected: identifier after ','"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['a in', "unable to parse requirement: found '' expected: '('"],
  ['a b=c', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['=', "found '=', expected: !, identifier, or 'end of string'"],
  ['(a)', "found '(', expected: !, identifier, or 'end of string'"],
  [
    'a>b',
    "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
  ],
];

for (const [selector, message] of broken) {
  test(`label selector ${JSON.stringify(selector)} is refused`, () => {
    assert.throws(() => parseLabelSelector(selector), { message });
  });
}

test('label selector objects become text in key order', () => {
  assert.equal(
    formatLabelSelector({
      matchLabels: { tier: 'a', app: 'b' },
      matchExpressions: [{ key: 'k', operator: 'NotIn', values: ['y', 'x'] }],
    }),
    'app=b,k notin (x,y),tier=a',
  );
  assert.equal(formatLabelSelector({}), '<none>');
});

test('label selector absent matches nothing and empty matches everything', () => {
  assert.equal(matchesLabels(labelMatcherFrom(undefined), {}), false);
  assert.equal(matchesLabels(labelMatcherFrom({}), undefined), true);
});

test('label selector survives printing and parsing', () => {
  for (const [selector] of matching) {
    const text = formatLabelMatcher(parseLabelSelector(selector));
    assert.equal(formatLabelMatcher(parseLabelSelector(text)), text);
  }
});

test('field selector parses and matches', () => {
  const requirements = parseFieldSelector('metadata.name=a,spec.nodeName!=n1,type==x\\,y');
  assert.deepEqual(requirements, [
    { field: 'metadata.name', operator: '=', value: 'a' },
    { field: 'spec.nodeName', operator: '!=', value: 'n1' },
    { field: 'type', operator: '=', value: 'x,y' },
  ]);
  const values: Record<string, string> = { 'metadata.name': 'a', type: 'x,y' };
  assert.equal(
    matchesFields(requirements, (field) => values[field] ?? ''),
    true,
  );
  assert.throws(() => parseFieldSelector('what'), {
    message: "invalid selector: 'what'; can't understand 'what'",
  });
});
