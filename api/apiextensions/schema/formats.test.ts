import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasFormat } from './formats.js';

/** What Kubernetes takes for each format, and what not. */
const cases: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  bsonobjectid: [['507f1f77bcf86cd799439011'], ['507f1f77bcf86cd79943901g', '']],
  uri: [
    ['http://e.com', 'http://e.com/a?b=%20', '/a', 'mailto:a@e.com', 'urn:a'],
    ['e.com', '', 'http://a b', 'a/b'],
  ],
  email: [
    [
      'a@e.com',
      'a+tag@e.com',
      'a@localhost',
      '" "@e.com',
      '"a@b"@e.com',
      '"a\\@b"@e.com',
      "!#$%&'*+-/=?^_`{}|~@e.com",
      'a@☃.ws',
      'Ann <a@e.com>',
      '"Ann, B." <a@e.com>',
      'a@[127.0.0.1]',
    ],
    ['a@b@c', 'a', '@e.com', 'a@', 'a..b@e.com', '.a@e.com', 'a b@e.com', '""@e.com', 'a <b>'],
  ],
  hostname: [
    ['a', 'x-y', 'e.com', '1.2.3.4.com', 'xn--bcher-kva.e.com', 'ôlà.ôlà', '☁→❄.ws', '<foo>'],
    [
      '',
      'a.b.c.d',
      '1.1.1.1',
      'x.',
      '-a',
      'xyz-',
      'my-host',
      'a-.com',
      '_a.com',
      'a b.com',
      'a.-b.com',
    ],
  ],
  ipv4: [
    ['1.2.3.4', '192.168.1.01', '::ffff:1.2.3.4'],
    ['1.2.3.4.5', '::1', '256.1.1.1'],
  ],
  ipv6: [
    ['::1', '::ffff:1.2.3.4'],
    ['1.2.3.4', 'fe80::1%eth0', ''],
  ],
  cidr: [
    ['10.0.0.1/24', '10.0.02.1/24', '2001:db8::1/32'],
    ['10.0.0.1', '2001:db8::1', '10.0.0.1/33'],
  ],
  mac: [
    ['01:02:03:04:05:06', '01-02-03-04-05-06-07-08', '0102.0304.0506'],
    ['01:02:03:04:05', '01:02:03:04:05:06:07', '01:02-03:04:05:06'],
  ],
  uuid4: [['6fa459ea-ee8a-4ca4-894e-db77e160355e'], ['6fa459ea-ee8a-3ca4-894e-db77e160355e']],
  isbn: [['0321751043', '978-0321751041'], ['836217463']],
  isbn13: [['978-0321751041'], ['978-0321751042']],
  creditcard: [['4111-1111-1111-1111', 'no 4012 8888 8888 1881'], ['9999-9999-9999-999']],
  ssn: [
    ['111-11-1111', '999 99 9999'],
    ['999 99 999', '111111111'],
  ],
  hexcolor: [['#FFFFFF', 'abc'], ['#ffffffz']],
  rgbcolor: [
    ['rgb(255,255,255)', 'rgb( 0, 1 ,2)'],
    ['rgb(300,0,0)', 'rgb(1%,1%,1%)'],
  ],
  byte: [
    ['YQ==', 'YWJj'],
    ['a', 'ZWxpemFiZXRocG9zZXk', ''],
  ],
  date: [['2024-02-29'], ['2024-02-30', '2024-2-1']],
  'date-time': [
    ['2024-02-29T10:00:00Z', '2024-02-29t10:00:00.123456789+01:00'],
    ['2024-02-30T10:00:00Z', '2024-02-29 10:00:00Z', '2024-02-29T24:00:00Z', '2024-02-29T10:00:00'],
  ],
  duration: [
    ['1h5m', '-1.5s', '3 days', '1 week 2 hrs', '5 Seconds', '2 millis'],
    ['', 'h', '5', 'three days', '2 years'],
  ],
  password: [['', 'x'], []],
  quantity: [['10Gi'], ['10Qi']],
  'k8s-short-name': [['a-1'], ['A', 'a.b']],
  'k8s-long-name': [['a-1.b'], ['a..b']],
  'unheard-of': [['x'], []],
};

test('formats accept what they name and nothing else', () => {
  for (const [format, [good, bad]] of Object.entries(cases)) {
    for (const text of good) assert.equal(hasFormat(text, format), true, `${format} ${text}`);
    for (const text of bad) assert.equal(hasFormat(text, format), false, `${format} ${text}`);
  }
});

test('no text takes long to check', () => {
  const started = performance.now();
  for (const format of Object.keys(cases)) {
    for (const part of ['a', '"', 'a-', '1 ', '1:', ' (', 'a.', '\\', '"a"<']) {
      hasFormat(part.repeat(50_000), format);
      hasFormat(`${part.repeat(50_000)}@`, format);
    }
  }
  assert.ok(performance.now() - started < 5000);
});
