/**
 * The syntax checks behind almost every string of the API, each returning the list of what is wrong in Kubernetes'
 * words; an empty list means the text is good.
 *
 * Called by the `validate` functions of the kinds and by the label selector parser.
 */
import { maxInt32 } from '../integers.js';
import { strictIPErrors } from './addresses.js';

const regexDetail = (message: string, format: string, ...examples: readonly string[]): string => {
  if (examples.length === 0) return `${message} (regex used for validation is '${format}')`;
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${quoted}regex used for validation is '${format}')`;
};

/** Length in bytes of the UTF-8 encoding, which is what the limits count. */
export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** The message for a text longer than `length` bytes. */
const maxLengthError = (length: number): string => `must be no more than ${String(length)} bytes`;

/** The message for a number outside an inclusive range. */
export const inclusiveRangeError = (low: number, high: number): string =>
  `must be between ${String(low)} and ${String(high)}, inclusive`;

const emptyError = 'must be non-empty';

const label1123Format = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomainFormat = `${label1123Format}(\\.${label1123Format})*`;
const searchLabelFormat = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const searchDomainFormat = `${searchLabelFormat}(\\.${searchLabelFormat})*`;
const label1035Format = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedNameFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValueFormat = `(${qualifiedNameFormat})?`;
const cIdentifierFormat = '[A-Za-z_][A-Za-z0-9_]*';
const configMapKeyFormat = '[-._a-zA-Z0-9]+';
const httpHeaderFormat = '[-A-Za-z0-9]+';
const httpPathFormat = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const percentFormat = '[0-9]+%';

const anchored = (format: string): RegExp => new RegExp(`^(?:${format})$`, 'u');
const patterns = {
  label1123: anchored(label1123Format),
  subdomain: anchored(subdomainFormat),
  searchDomain: anchored(searchDomainFormat),
  wildcard: anchored(`\\*\\.${subdomainFormat}`),
  label1035: anchored(label1035Format),
  qualifiedName: /^(?:([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
  labelValue: /^(?:(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?)$/,
  cIdentifier: anchored(cIdentifierFormat),
  configMapKey: /^(?:[-._a-zA-Z0-9]+)$/,
  httpHeader: /^(?:[-A-Za-z0-9]+)$/,
  httpPath: /^(?:[A-Za-z0-9/\-._~%!$&'()*+,;=:]+)$/,
  percent: anchored(percentFormat),
} as const;

interface SyntaxRule {
  readonly maxLength: number;
  readonly pattern: RegExp;
  readonly message: string;
}

function check(value: string, rule: SyntaxRule): string[] {
  // What fits a pattern is ASCII: it has as many bytes as characters.
  if (value.length <= rule.maxLength && rule.pattern.test(value)) return [];
  const errors: string[] = [];
  if (byteLength(value) > rule.maxLength) errors.push(maxLengthError(rule.maxLength));
  if (!rule.pattern.test(value)) errors.push(rule.message);
  return errors;
}

const label1123Error = regexDetail(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label1123Format,
  'my-name',
  '123-abc',
);
const subdomainError = regexDetail(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainFormat,
  'example.com',
);
const searchDomainError = regexDetail(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  searchDomainFormat,
  'example.com',
);
const label1035Error = regexDetail(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  label1035Format,
  'my-name',
  'abc-123',
);
const wildcardError = regexDetail(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${subdomainFormat}`,
  '*.example.com',
);
const qualifiedNameMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const qualifiedNameExamples = ['MyName', 'my.name', '123-abc'] as const;
const labelValueError = regexDetail(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelValueFormat,
  'MyValue',
  'my_value',
  '12345',
);

/** A DNS label such as a namespace's name: at most 63 bytes. */
export function dns1123LabelErrors(value: string): string[] {
  const errors = check(value, label1123Rule);
  // A name that would do but for its dots is told so.
  return errors.at(-1) === label1123Error && patterns.subdomain.test(value)
    ? [...errors.slice(0, -1), 'must not contain dots']
    : errors;
}

const label1123Rule = { maxLength: 63, pattern: patterns.label1123, message: label1123Error };

/** A DNS name such as most objects' names: at most 253 bytes. */
export const dns1123SubdomainErrors = (value: string): string[] => check(value, subdomainRule);

const subdomainRule = { maxLength: 253, pattern: patterns.subdomain, message: subdomainError };

/** A domain that a resolver searches, whose labels may have underscores. */
export const searchDomainErrors = (value: string): string[] =>
  check(value, { maxLength: 253, pattern: patterns.searchDomain, message: searchDomainError });

/** A DNS label that starts with a letter, such as a Service's name. */
export const dns1035LabelErrors = (value: string): string[] =>
  check(value, { maxLength: 63, pattern: patterns.label1035, message: label1035Error });

/** A DNS name whose first label is `*`. */
export const wildcardSubdomainErrors = (value: string): string[] =>
  check(value, { maxLength: 253, pattern: patterns.wildcard, message: wildcardError });

const qualifiedNameError = regexDetail(
  `a qualified name ${qualifiedNameMessage}`,
  qualifiedNameFormat,
  ...qualifiedNameExamples,
);

/** A label or annotation key, a resource name: `name` or `prefix/name`. */
export function qualifiedNameErrors(value: string): string[] {
  const slash = value.indexOf('/');
  if (slash !== value.lastIndexOf('/')) {
    return [
      `${qualifiedNameError} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = value.slice(slash + 1);
  const errors: string[] = [];
  if (slash === 0) errors.push(`prefix part ${emptyError}`);
  else if (slash > 0) {
    for (const error of dns1123SubdomainErrors(value.slice(0, slash))) {
      errors.push(`prefix part ${error}`);
    }
  }
  if (name.length <= 63 && patterns.qualifiedName.test(name)) return errors;
  if (name === '') errors.push(`name part ${emptyError}`);
  else if (byteLength(name) > 63) errors.push(`name part ${maxLengthError(63)}`);
  if (!patterns.qualifiedName.test(name)) {
    errors.push(
      `name part ${regexDetail(qualifiedNameMessage, qualifiedNameFormat, ...qualifiedNameExamples)}`,
    );
  }
  return errors;
}

/** A label's value: at most 63 bytes, may be empty. */
export const labelValueErrors = (value: string): string[] => check(value, labelValueRule);

const labelValueRule = { maxLength: 63, pattern: patterns.labelValue, message: labelValueError };

/** The name of a port of a container or Service: a letter at least, no adjacent hyphens, at most 15. */
export function portNameErrors(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 15) errors.push(maxLengthError(15));
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) {
    errors.push('must not begin or end with a hyphen');
  }
  return errors;
}

/** A port number from 1 to 65535. */
export const portNumberErrors = (value: number): string[] =>
  Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : [inclusiveRangeError(1, 65535)];

function pathSegmentLike(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  if (value.startsWith('..')) return ["must not start with '..'"];
  return [];
}

/** The name of an environment variable: any printable ASCII without `=`, as since Kubernetes 1.34. */
export function envVarNameErrors(value: string): string[] {
  if (value === '') {
    return [`environment variable name ${emptyError}`];
  }
  for (const character of value) {
    if (character < ' ' || character > '~' || character === '=') {
      return [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ];
    }
  }
  return [];
}

/** An identifier of the C language. */
export const cIdentifierErrors = (value: string): string[] =>
  patterns.cIdentifier.test(value)
    ? []
    : [
        regexDetail(
          "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
          cIdentifierFormat,
          'my_name',
          'MY_NAME',
          'MyName',
        ),
      ];

/** A key of a ConfigMap or Secret: at most 253 bytes, usable as a file name. */
export const configMapKeyErrors = (value: string): string[] => [
  ...check(value, {
    maxLength: 253,
    pattern: patterns.configMapKey,
    message: regexDetail(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
      configMapKeyFormat,
      'key.name',
      'KEY_NAME',
      'key-name',
    ),
  }),
  ...pathSegmentLike(value),
];

/** The name of an HTTP header. */
export const httpHeaderNameErrors = (value: string): string[] =>
  patterns.httpHeader.test(value)
    ? []
    : [
        regexDetail(
          "a valid HTTP header must consist of alphanumeric characters or '-'",
          httpHeaderFormat,
          'X-Header-Name',
        ),
      ];

/** A domain-prefixed path such as `example.com/path`, as finalizers and signer names have. */
export function domainPrefixedPathErrors(value: string): string[] {
  if (value === '') return [emptyError];
  const slash = value.indexOf('/');
  const host = slash < 0 ? value : value.slice(0, slash);
  const path = slash < 0 ? '' : value.slice(slash + 1);
  if (host === '' || path === '') {
    return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  }
  const hostErrors = dns1123SubdomainErrors(host);
  if (hostErrors.length > 0) return hostErrors.map((error) => `host ${error}`);
  return patterns.httpPath.test(path) ? [] : [regexDetail('Invalid path', httpPathFormat)];
}

/** A percentage such as `25%`. */
export const percentErrors = (value: string): string[] =>
  patterns.percent.test(value)
    ? []
    : [
        regexDetail(
          "a valid percent string must be a numeric string followed by an ending '%'",
          percentFormat,
          '1%',
          '93%',
        ),
      ];

/** A user or group id of Linux. */
export const unixIdErrors = (value: number): string[] =>
  value >= 0 && value <= maxInt32 ? [] : [inclusiveRangeError(0, maxInt32)];

/** A name that becomes one segment of a path, as RBAC objects have. */
export function pathSegmentNameErrors(value: string): string[] {
  if (value === '.') return ["may not be '.'"];
  if (value === '..') return ["may not be '..'"];
  return ['/', '%']
    .filter((character) => value.includes(character))
    .map((character) => `may not contain '${character}'`);
}

/** The syntaxes a kind can ask of its objects' names. */
export type NameFormat = 'subdomain' | 'label' | 'pathSegment' | 'ipAddress' | 'configMapKey';

/** Checks an object's name; of a `generateName` prefix, what would be wrong whatever suffix follows. */
export function objectNameErrors(value: string, format: NameFormat, isPrefix = false): string[] {
  const name = isPrefix && value.endsWith('-') ? `${value.slice(0, -1)}a` : value;
  switch (format) {
    case 'label':
      return dns1123LabelErrors(name);
    case 'pathSegment':
      return pathSegmentNameErrors(name);
    case 'ipAddress':
      return strictIPErrors(name);
    case 'configMapKey':
      return configMapKeyErrors(value);
    case 'subdomain':
      return dns1123SubdomainErrors(name);
  }
}

const conditionReasonFormat = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const conditionReasonPattern = anchored(conditionReasonFormat);

/** The reason of a condition: one word for programs. */
export const conditionReasonErrors = (value: string): string[] =>
  conditionReasonPattern.test(value)
    ? []
    : [
        regexDetail(
          "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
          conditionReasonFormat,
          'my_name',
          'MY_NAME',
          'MyName',
          'ReasonA,ReasonB',
          'ReasonA:ReasonB',
        ),
      ];
