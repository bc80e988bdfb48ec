/**
 * `--runtime-config`: which group versions, and which resources of them, are served. Stable ones are unless they are switched
 * off, alpha and beta ones where they are switched on, as kube-apiserver has it.
 *
 * Parsed with the other settings; followed by `open-resources.ts`, because names are only known with the declarations.
 */
import { z } from 'zod';
import { apiVersionOf } from '../api/schema/resource.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import { ConfigError } from '../machinery/config/config.js';
import type { ConfigTable } from '../machinery/config/config.js';

/** Whether each thing named is on: `api/SET`, `GROUP/VERSION` or `GROUP/VERSION/RESOURCE`; the core group's version is `v1`. */
export type RuntimeConfig = ReadonlyMap<string, boolean>;

export interface ServingConfig {
  readonly runtimeConfig: RuntimeConfig;
}

/** The spellings of Go's ParseBool; a name alone means true. */
const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['', '1', 't', 'T', 'TRUE', 'true', 'True'].map((text): [string, boolean] => [text, true]),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text): [string, boolean] => [text, false]),
]);

const choices = z.string().transform((text, context): RuntimeConfig => {
  const found = new Map<string, boolean>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [name = '', value = ''] = entry.split(/=(.*)/s);
    const isOn = booleans.get(value);
    if (isOn === undefined) {
      context.addIssue(`${name} must be true or false, not ${value}`);
      return z.NEVER;
    }
    // Kubernetes has the core group's version as /v1.
    found.set(name.replace(/^\//, ''), isOn);
  }
  return found;
});

/** The row of the flag. */
export const servingTable: ConfigTable<ServingConfig> = {
  runtimeConfig: {
    flag: 'runtime-config',
    schema: choices,
    default: new Map(),
    placeholder: 'NAME=BOOL,…',
    help: 'Switches APIs on or off: GROUP/VERSION=true, GROUP/VERSION/RESOURCE=true, or api/all, api/ga, api/beta, api/alpha. Stable ones are on',
  },
};

/** Sets of group versions by their names, those of wider sets first: narrower ones override them. */
const sets: readonly (readonly [string, RegExp])[] = [
  ['api/all', /^/],
  ['api/ga', /^v\d+$/],
  ['api/beta', /^v\d+beta\d+$/],
  ['api/alpha', /^v\d+alpha\d+$/],
];

const isStable = (version: string): boolean => /^v\d+$/.test(version);

/** What the master's own parts and the agents read and write. */
const needed: ReadonlySet<string> = new Set([
  'v1',
  'admissionregistration.k8s.io/v1',
  'apiextensions.k8s.io/v1',
  'apiregistration.k8s.io/v1',
  'authentication.k8s.io/v1',
  'authorization.k8s.io/v1',
  'certificates.k8s.io/v1',
  'coordination.k8s.io/v1',
  'discovery.k8s.io/v1',
  'flowcontrol.apiserver.k8s.io/v1',
  'networking.k8s.io/v1',
  'policy/v1',
  'rbac.authorization.k8s.io/v1',
  'scheduling.k8s.io/v1',
]);

const listed = (names: Iterable<string>): string => [...new Set(names)].join(', ');

const nameOf = ({ group, version, plural }: ResourceDefinition): string =>
  `${apiVersionOf({ group, version })}/${plural}`;

function checkNames(config: RuntimeConfig, all: readonly ResourceDefinition[]): void {
  const versions = new Set(all.map(({ apiVersion }) => apiVersion));
  const resources = new Set(all.map(nameOf));
  const setNames = new Set(sets.map(([name]) => name));
  for (const name of config.keys()) {
    if (setNames.has(name) || versions.has(name) || resources.has(name)) continue;
    const version = name.slice(0, name.lastIndexOf('/'));
    const siblings = all.filter(({ apiVersion }) => apiVersion === version);
    throw new ConfigError(
      siblings.length > 0
        ? `--runtime-config: ${version} has no resource ${name.slice(version.length + 1)}; it has ${listed(siblings.map(({ plural }) => plural))}`
        : `--runtime-config: there is no ${name}; there are ${listed([...setNames, ...versions])}`,
    );
  }
}

/** Those of all resources that are to be served. Throws ConfigError where a name is unknown or what Pintle needs is off. */
export function servedResources(
  config: RuntimeConfig,
  all: readonly ResourceDefinition[],
): readonly ResourceDefinition[] {
  checkNames(config, all);
  const isServed = (resource: ResourceDefinition): boolean => {
    const { apiVersion, version } = resource;
    const own = config.get(nameOf(resource)) ?? config.get(apiVersion);
    if (own !== undefined) return own;
    const narrowest = sets.findLast(([name, pattern]) => config.has(name) && pattern.test(version));
    return narrowest === undefined ? isStable(version) : config.get(narrowest[0]) === true;
  };
  const served = new Set(all.filter(isServed));
  const missing = all.filter((one) => needed.has(one.apiVersion) && !served.has(one));
  if (missing.length > 0) {
    throw new ConfigError(
      `--runtime-config: Pintle itself needs ${listed(missing.map(({ apiVersion }) => apiVersion))}; leave out what switches that off`,
    );
  }
  return [...served];
}
