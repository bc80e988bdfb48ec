import assert from 'node:assert/strict';
import test from 'node:test';
import { resourceRequestOf } from '../request-info.js';
import { seatsOf } from './request-turns.js';
import type { StoredAmount } from './request-turns.js';

function seats(method: string, url: string, amount: StoredAmount | undefined): number {
  const { pathname: path, searchParams: query } = new URL(url, 'https://x');
  const target = resourceRequestOf(method, path, query);
  return seatsOf({ path, query, target }, () => amount);
}

test('a request takes a seat, and a list one for every 100 kB it may have to hold', () => {
  const some = { objects: 100, bytes: 250_000 };
  const many = { objects: 100_000, bytes: 100_000_000 };
  const pods = '/api/v1/namespaces/a/pods';
  const initial = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  const cases = [
    ['GET', `${pods}/x`, many, 1],
    ['POST', pods, many, 1],
    ['GET', '/version', many, 1],
    ['GET', pods, { objects: 0, bytes: 0 }, 1],
    ['GET', pods, undefined, 1],
    ['GET', pods, some, 3],
    ['GET', `${pods}?limit=40`, some, 1],
    ['GET', `${pods}?limit=500`, some, 3],
    ['GET', `${pods}?limit=nonsense`, some, 3],
    ['GET', pods, many, 10],
    ['GET', `${pods}?labelSelector=a%3Db`, many, 10],
    ['GET', `${pods}?fieldSelector=metadata.name%3Dx`, many, 1],
    ['GET', `${pods}?watch=1`, many, 1],
    ['GET', `${pods}?${initial}`, many, 10],
  ] as const;
  for (const [method, url, amount, expected] of cases) {
    assert.equal(seats(method, url, amount), expected, `${method} ${url}`);
  }
});
