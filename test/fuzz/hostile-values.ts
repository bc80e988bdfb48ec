/** What programs stumble over: names with a meaning of their own, limits of numbers, broken escapes, deep and wide structures. */
import type { SeededRandom } from './random.js';

const texts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '../../etc/passwd',
  '..',
  '.',
  '/',
  '%2e%2e%2f',
  '%00',
  '%',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '1e99999999',
  '999999999999999999999999',
  '10000000000000000000Ei',
  '1n',
  '0x10',
  '2006-01-02T15:04:05Z',
  '0000-00-00T99:99:99Z',
  '+275760-09-13T00:00:00Z',
  'a'.repeat(64),
  'a'.repeat(254),
  'a'.repeat(70_000),
  `${'a.'.repeat(5_000)}!`,
  `${'a-'.repeat(5_000)}!`,
  '-'.repeat(20_000),
  '0'.repeat(20_000),
  'x\r\nInjected: yes',
  '${jndi}',
  '$(VAR)',
  '{{.}}',
  '<script>',
  'a=b',
  'a in (b,c)',
  '!a',
  'a in (',
  'a==b==c',
  `a in (${'b,'.repeat(2_000)}b)`,
  'metadata.name=a,metadata.name!=a',
  'size([1,2,3].map(x, [1,2,3].map(y, [1,2,3].map(z, x+y+z)))) > 0',
  '('.repeat(400),
  '{}',
  '[]',
  '((((((((((a+)+)+)+)+)+)+)+)+)+)$',
  '* * * * *',
  '127.0.0.1',
  '::ffff:169.254.169.254',
  '169.254.169.254',
  '::1',
  '10.0.0.0/33',
  'fe80::1%eth0',
  'ß',
  'İ',
  '🙂',
];

const numbers: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  1.5,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 63,
  1e21,
  1e308,
  5e-324,
];

/** Names of members that mean something to JavaScript or to the API. */
export const hostileNames: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  '',
  'f:metadata',
  '$patch',
  '$retainKeys',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  'metadata',
  'managedFields',
];

/** One of the texts. */
export const hostileText = (random: SeededRandom): string => random.pick(texts);

function nested(depth: number, random: SeededRandom): unknown {
  let value: unknown = 1;
  const list = random.chance(0.5);
  for (let level = 0; level < depth; level += 1) value = list ? [value] : { a: value };
  return value;
}

/** A value that fits nowhere, or nearly somewhere. */
export function hostileValue(random: SeededRandom): unknown {
  switch (random.below(10)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
    case 3:
      return random.pick(numbers);
    case 4:
      return {};
    case 5:
      return [];
    case 6:
      return JSON.parse(`{${JSON.stringify(random.pick(hostileNames))}:{"polluted":"yes"}}`);
    case 7:
      return nested(random.pick([3, 60, 400]), random);
    default:
      return hostileText(random);
  }
}
