/** Optional values: what may be absent, without an error. */
import { fn, method } from '../overload.js';
import type { Overload } from '../overload.js';
import { indexOfKey } from './standard.js';
import {
  ArrayList,
  CelError,
  CelList,
  CelMap,
  Duration,
  Optional,
  Timestamp,
  Uint,
} from '../values.js';
import type { Value } from '../values.js';

function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof Timestamp || value instanceof Duration) return value.nanos === 0n;
  return value instanceof Optional && value.value === undefined;
}

function contentOf({ value }: Optional): Value {
  if (value === undefined) throw new CelError('optional.none() dereference');
  return value;
}

function elementAt(container: Value, key: Value): Optional {
  if (container instanceof Optional) {
    return container.value === undefined ? container : elementAt(container.value, key);
  }
  if (container instanceof CelMap) {
    const found = container.get(key);
    return found === undefined ? Optional.none : new Optional(found);
  }
  if (!(container instanceof CelList)) throw new CelError('no such overload: _[?_]');
  const position = indexOfKey(key);
  return position >= 0 && position < container.size
    ? new Optional(container.at(position))
    : Optional.none;
}

export const optionalLibrary: readonly Overload[] = [
  fn('optional.of(A): optional<A>', (value: Value) => new Optional(value)),
  fn('optional.none(): optional<A>', () => Optional.none),
  fn('optional.ofNonZeroValue(A): optional<A>', (value: Value) =>
    isZero(value) ? Optional.none : new Optional(value),
  ),
  fn(
    'optional.unwrap(list<optional<A>>): list<A>',
    (list: CelList) => unwrapAll(list),
    (args) => (args[0] instanceof CelList ? args[0].size : 1),
  ),
  method('list<optional<A>>', 'unwrapOpt(): list<A>', (list: CelList) => unwrapAll(list)),
  method('optional<A>', 'hasValue(): bool', ({ value }: Optional) => value !== undefined),
  method('optional<A>', 'value(): A', contentOf),
  method('optional<A>', 'or(optional<A>): optional<A>', (first: Optional, second: Optional) =>
    first.value === undefined ? second : first,
  ),
  method('optional<A>', 'orValue(A): A', (first: Optional, second: Value) => first.value ?? second),
  fn('_[?_](list<A>, int): optional<A>', elementAt),
  fn('_[?_](map<A, B>, A): optional<B>', elementAt),
  fn('_[?_](optional<list<A>>, int): optional<A>', elementAt),
  fn('_[?_](optional<map<A, B>>, A): optional<B>', elementAt),
  fn('_[_](optional<list<A>>, int): optional<A>', elementAt),
  fn('_[_](optional<map<A, B>>, A): optional<B>', elementAt),
];

const unwrapAll = (list: CelList): CelList =>
  new ArrayList(
    [...list].flatMap((item) =>
      item instanceof Optional && item.value !== undefined ? [item.value] : [],
    ),
  );
