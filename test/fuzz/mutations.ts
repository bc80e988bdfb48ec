/** Turns a request that a client may send into one it should not. Every change is a function of the random numbers. */
import type { FuzzRequest } from './fuzz-request.js';
import { hostileNames, hostileText, hostileValue } from './hostile-values.js';
import type { SeededRandom } from './random.js';

type Json = unknown;

/** Replaces, adds, doubles, renames or drops something somewhere inside the value. */
export function mutateJson(value: Json, random: SeededRandom): Json {
  if (random.chance(0.12)) return hostileValue(random);
  if (Array.isArray(value)) return mutateList(value, random);
  if (typeof value === 'object' && value !== null) return mutateFields(value, random);
  return hostileValue(random);
}

function mutateList(list: readonly Json[], random: SeededRandom): Json {
  const copy = [...list];
  const at = random.below(list.length);
  const change = copy.length === 0 ? 0 : random.below(8);
  if (change === 0) copy.splice(at, 0, hostileValue(random));
  else if (change === 1) copy.splice(at, 1);
  else if (change === 2) copy.push(...copy);
  else copy[at] = mutateJson(copy[at], random);
  return copy;
}

function mutateFields(object: object, random: SeededRandom): Json {
  const entries = Object.entries(object) as [string, Json][];
  const at = random.below(entries.length);
  const entry = entries[at];
  if (entry === undefined || random.chance(0.1)) {
    entries.push([random.pick(hostileNames), hostileValue(random)]);
  } else if (random.chance(0.08)) entries.splice(at, 1);
  else if (random.chance(0.05)) entry[0] = hostileText(random);
  else entry[1] = mutateJson(entry[1], random);
  // Object.fromEntries defines `__proto__` as an own field, like JSON.parse does.
  return Object.fromEntries(entries);
}

function mutateBytes(body: Buffer, random: SeededRandom): Buffer {
  const bytes = Buffer.from(body);
  const changes = 1 + random.below(4);
  for (let change = 0; change < changes && bytes.length > 0; change += 1) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  if (random.chance(0.2)) return bytes.subarray(0, random.below(bytes.length + 1));
  if (random.chance(0.1)) return Buffer.concat([bytes, bytes]);
  return bytes;
}

const bracketBombs = [
  '['.repeat(500_000),
  '{"a":'.repeat(200_000),
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":${'{"a":'.repeat(6_000)}1${'}'.repeat(6_000)}}`,
  `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]\n`,
  '- '.repeat(5_000),
  `${'- - - - '.repeat(20)}x: &x *x`,
  '? '.repeat(3_000),
  'a: !!binary "%%%"\nb: !!timestamp x\nc: !!omap [1]\n<<: *nothing',
  '\u0000',
  'k8s\u0000\n\u0001\u0002\u0003',
  '"',
  '---\n---\n',
];

const bodyTypes: readonly (string | undefined)[] = [
  undefined,
  '',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/json; charset=utf-16',
  'text/plain',
  'constructor',
  '__proto__',
  ';',
];

const accepts: readonly string[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=constructor;v=v1;g=meta.k8s.io',
  '__proto__',
  'constructor',
  'toString, */*;q=0',
  '*/*;q=NaN',
  ';;;,,,',
  `${'a/b,'.repeat(2_000)}*/*`,
  'application/json;stream=watch',
];

const headerNames = [
  'accept-encoding',
  'impersonate-user',
  'impersonate-group',
  'impersonate-extra-%41',
  'impersonate-extra-__proto__',
  'impersonate-uid',
  'authorization',
  'x-forwarded-for',
  'x-remote-user',
  'x-remote-group',
  'host',
  'expect',
  'connection',
  'upgrade',
  'if-none-match',
  'range',
  'sec-websocket-protocol',
];

const queryNames = [
  'watch',
  'limit',
  'continue',
  'labelSelector',
  'fieldSelector',
  'resourceVersion',
  'resourceVersionMatch',
  'timeoutSeconds',
  'timeout',
  'pretty',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'gracePeriodSeconds',
  'propagationPolicy',
  'orphanDependents',
  'includeObject',
  'command',
  'container',
  'follow',
  'tailLines',
  'sinceTime',
  'ports',
  'path',
  '__proto__',
];

const continueTokens = [
  Buffer.from('{"v":"meta.k8s.io/v1","rv":-1,"start":"../../secrets/a"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":9007199254740993,"start":"a"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"\\u0000"}').toString('base64url'),
  Buffer.from('[[[[').toString('base64url'),
  '=',
];

const pathParts = [
  '..',
  '.',
  '%2e%2e',
  '%2f',
  '%00',
  '%zz',
  '%ff',
  '__proto__',
  'constructor',
  'status',
  'scale',
  'log',
  'exec',
  'attach',
  'proxy',
  'portforward',
  'ephemeralcontainers',
  'eviction',
  'binding',
  'token',
  'approval',
  'finalize',
  'watch',
  'namespaces',
  'a'.repeat(300),
  'a%0d%0ab',
  '*',
  '~',
];

function mutatePath(path: string, random: SeededRandom): string {
  const [plain = '/', query = ''] = path.split('?', 2);
  const parts = plain.split('/');
  if (random.chance(0.4)) {
    const at = 1 + random.below(parts.length);
    parts.splice(at, random.below(2), random.pick(pathParts));
  }
  const fields = query === '' ? [] : [query];
  if (random.chance(0.8)) {
    const value = random.chance(0.15)
      ? random.pick(continueTokens)
      : hostileText(random).slice(0, 8_000);
    fields.push(
      `${random.pick(queryNames)}=${random.chance(0.9) ? encoded(value) : value.replaceAll(/[^\x21-\x7e]/g, '')}`,
    );
  }
  return `${parts.join('/')}${fields.length === 0 ? '' : `?${fields.join('&')}`}`;
}

/** Text that cannot be escaped goes as nothing. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ed%a0%80';
  }
}

const headerText = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 12_000);

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];

function mutateBody(request: FuzzRequest, random: SeededRandom): FuzzRequest {
  if (random.chance(0.04)) {
    const contentType = random.pick(bodyTypes) ?? 'application/json';
    return { ...request, contentType, body: Buffer.from(random.pick(bracketBombs)) };
  }
  if (request.body === undefined) return request;
  if (random.chance(0.15)) return { ...request, body: mutateBytes(request.body, random) };
  try {
    let value: unknown = JSON.parse(request.body.toString('utf8'));
    const changes = 1 + random.below(3);
    for (let change = 0; change < changes; change += 1) value = mutateJson(value, random);
    return { ...request, body: Buffer.from(JSON.stringify(value)) };
  } catch {
    return { ...request, body: mutateBytes(request.body, random) };
  }
}

/** One request made of another: mostly its body, sometimes its path, headers, media types or method. */
export function mutate(request: FuzzRequest, random: SeededRandom): FuzzRequest {
  let mutant =
    request.body === undefined && !random.chance(0.1) ? request : mutateBody(request, random);
  if (random.chance(0.25) || mutant === request) {
    mutant = { ...mutant, path: mutatePath(mutant.path, random) };
  }
  if (random.chance(0.08)) mutant = { ...mutant, method: random.pick(methods) };
  if (random.chance(0.15)) mutant = { ...mutant, contentType: random.pick(bodyTypes) };
  const headers: Record<string, string> = { ...mutant.headers };
  if (random.chance(0.2)) headers.accept = random.pick(accepts);
  if (random.chance(0.06)) headers[random.pick(headerNames)] = headerText(hostileText(random));
  return { ...mutant, headers };
}
