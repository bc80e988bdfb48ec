/** Named formats a text can be checked against. */
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../validation/names.js';
import { fn, method, traversalCost } from '../overload.js';
import type { Overload } from '../overload.js';
import { parseTimestamp } from './time-text.js';
import { ArrayList, CelError, Opaque, Optional } from '../values.js';

type Check = (text: string) => readonly string[];

class FormatValue extends Opaque {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly name: string;
  readonly check: Check;
  constructor(name: string, check: Check) {
    super();
    this.name = name;
    this.check = check;
  }
  override equals(other: Opaque): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

const prefixOf =
  (check: Check): Check =>
  (text) =>
    check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

const matching =
  (pattern: RegExp, message: string): Check =>
  (text) =>
    pattern.test(text) ? [] : [message];

const dateTime: Check = (text) => {
  try {
    parseTimestamp(text);
    return [];
  } catch (error) {
    if (error instanceof CelError) return ['invalid datetime'];
    throw error;
  }
};

const checks: Readonly<Record<string, Check>> = {
  dns1123Label: dns1123LabelErrors,
  dns1123Subdomain: dns1123SubdomainErrors,
  dns1035Label: dns1035LabelErrors,
  qualifiedName: qualifiedNameErrors,
  dns1123LabelPrefix: prefixOf(dns1123LabelErrors),
  dns1123SubdomainPrefix: prefixOf(dns1123SubdomainErrors),
  dns1035LabelPrefix: prefixOf(dns1035LabelErrors),
  labelValue: labelValueErrors,
  uri: (text) => {
    try {
      return new URL(text, text.startsWith('/') ? 'http://path.invalid' : undefined).href === ''
        ? ['invalid URI']
        : [];
    } catch {
      return ['invalid URI'];
    }
  },
  uuid: matching(
    /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/,
    'does not match the UUID format',
  ),
  byte: matching(
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
    'invalid base64',
  ),
  date: (text) =>
    /^\d{4}-\d{2}-\d{2}$/.test(text) ? dateTime(`${text}T00:00:00Z`) : ['invalid date'],
  datetime: dateTime,
};

const formats: ReadonlyMap<string, FormatValue> = new Map(
  Object.entries(checks).map(([name, check]) => [name, new FormatValue(name, check)]),
);

function validate(format: FormatValue, text: string): Optional {
  const problems = format.check(text);
  return problems.length === 0 ? Optional.none : new Optional(new ArrayList(problems));
}

const type = 'kubernetes.NamedFormat';

export const formatLibrary: readonly Overload[] = [
  ...[...formats].map(([name, format]) => fn(`format.${name}(): ${type}`, () => format)),
  fn(`format.named(string): optional<${type}>`, (name: string) => {
    const format = formats.get(name);
    return format === undefined ? Optional.none : new Optional(format);
  }),
  method(type, 'validate(string): optional<list<string>>', validate, (args) =>
    traversalCost(args.slice(1), null),
  ),
];
