import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardedPorts } from './websocket-ports.js';

test('ports are named one by one or in lists', () => {
  assert.deepEqual(
    forwardedPorts(new URLSearchParams('port=80,8080&port=65535')),
    [80, 8080, 65_535],
  );
});

for (const [query, why] of [
  ['', 'query parameter "port" is required'],
  ['port=0', 'port "0" must be > 0'],
  ['port=http', 'unable to parse "http" as a port'],
  ['port=', 'unable to parse "" as a port'],
  ['port=70000', 'unable to parse "70000" as a port'],
  [`port=${'1,'.repeat(64)}1`, 'no more than 64 ports are forwarded at once'],
] as const) {
  test(`ports to forward are refused: ${query.slice(0, 20)}`, () => {
    assert.throws(() => forwardedPorts(new URLSearchParams(query)), { message: why });
  });
}
