/** Named formats a text can be checked against. */
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../validation/names.js';
import {
  isBase64,
  isDate,
  isDateTime,
  isRequestUri,
  uuidPattern,
} from '../../validation/text-formats.js';
import { fn, method, traversalCost } from '../overload.js';
import type { Overload } from '../overload.js';
import { ArrayList, Opaque, Optional } from '../values.js';

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

const passing =
  (test: (text: string) => boolean, message: string): Check =>
  (text) =>
    test(text) ? [] : [message];

const uuid = uuidPattern();

const checks: Readonly<Record<string, Check>> = {
  dns1123Label: dns1123LabelErrors,
  dns1123Subdomain: dns1123SubdomainErrors,
  dns1035Label: dns1035LabelErrors,
  qualifiedName: qualifiedNameErrors,
  dns1123LabelPrefix: prefixOf(dns1123LabelErrors),
  dns1123SubdomainPrefix: prefixOf(dns1123SubdomainErrors),
  dns1035LabelPrefix: prefixOf(dns1035LabelErrors),
  labelValue: labelValueErrors,
  uri: passing(isRequestUri, 'invalid URI'),
  uuid: passing((text) => uuid.test(text), 'does not match the UUID format'),
  byte: passing(isBase64, 'invalid base64'),
  date: passing(isDate, 'invalid date'),
  datetime: passing(isDateTime, 'invalid datetime'),
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
