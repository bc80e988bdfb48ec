import assert from 'node:assert/strict';
import test from 'node:test';
import { problemOfHead } from './request-head.js';

type Headers = readonly (readonly [string, string])[];

const problemOf = (version: string, headers: Headers): string | undefined => {
  const [httpVersionMajor = 0, httpVersionMinor = 0] = version.split('.').map(Number);
  const rawHeaders = headers.flat();
  return problemOfHead({ httpVersionMajor, httpVersionMinor, rawHeaders })?.message;
};

const cases: readonly (readonly [string, string, Headers, string | undefined])[] = [
  ['one host', '1.1', [['host', 'a.b:6443']], undefined],
  ['an address for a host', '1.1', [['HOST', '[fe80::1]:6443']], undefined],
  ['an empty host', '1.1', [['Host', '']], undefined],
  ['no host', '1.1', [['Hosts', 'a']], 'missing required Host header'],
  [
    'two hosts',
    '1.1',
    [
      ['Host', 'a'],
      ['hOsT', 'a'],
    ],
    'too many Host headers',
  ],
  ['a path for a host', '1.1', [['Host', 'a/b']], 'malformed Host header'],
  ['a user and a host', '1.1', [['Host', 'a@b']], 'malformed Host header'],
  ['HTTP/1.0 without a host', '1.0', [], undefined],
  ['HTTP/0.9', '0.9', [['Host', 'a']], 'unsupported protocol version'],
  ['HTTP/2.0', '2.0', [['Host', 'a']], 'unsupported protocol version'],
  [
    'chunks',
    '1.1',
    [
      ['Host', 'a'],
      ['Transfer-Encoding', 'Chunked'],
    ],
    undefined,
  ],
  [
    'compressed chunks',
    '1.1',
    [
      ['Host', 'a'],
      ['transfer-encoding', 'gzip, chunked'],
    ],
    'unsupported transfer encoding: "gzip, chunked"',
  ],
  [
    'chunks of HTTP/1.0',
    '1.0',
    [['transfer-encoding', 'chunked']],
    'HTTP/1.0 knows no Transfer-Encoding',
  ],
];

for (const [name, version, headers, expected] of cases) {
  test(`the head of a request with ${name} is ${expected === undefined ? 'taken' : 'refused'}`, () => {
    assert.equal(problemOf(version, headers), expected);
  });
}
