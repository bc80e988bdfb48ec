/** Rows of the configuration tables that several components share, so that a flag means the same everywhere. */
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import type { ConfigRow } from './config.js';

/** Any text but none. */
export const text = z.string().min(1, 'it must not be empty');

/** The parser of texts between commas; empty ones do not count. */
export const textList = z.string().transform((value): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** The parser of a whole number that is not too small. */
export const wholeNumber = (least: number): z.ZodType<number> =>
  z.coerce
    .number('it must be a number')
    .int('it must be a whole number')
    .min(least, `it must be at least ${String(least)}`);

/** A row that may be left out. */
export const optionalRow = <T>(
  flag: string,
  schema: z.ZodType<T>,
  row: Pick<ConfigRow<unknown>, 'placeholder' | 'help' | 'defaultText'>,
): ConfigRow<T | undefined> => ({ flag, schema: schema.optional(), ...row });

/** `ADDRESS:PORT`. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const listenAddress = text.transform((value, context): ListenAddress => {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(value) ?? [];
  if (host === '' || Number(port) > 65_535) {
    context.addIssue('it must be ADDRESS:PORT, such as 0.0.0.0:6443');
    return z.NEVER;
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
});

const cidr = text.refine((value) => {
  const [address = '', bits = ''] = value.split('/');
  return isIPv4(address) && /^\d{1,2}$/.test(bits) && Number(bits) <= 32;
}, 'it must be an IPv4 range such as 10.244.0.0/16');

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A duration such as `90s`, `10m` or `1h30m`, in milliseconds. */
export const durationMs = text.transform((value, context): number => {
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  const sumMs = parts.reduce((sum, [, n, unit = '']) => sum + Number(n) * (unitsMs[unit] ?? 0), 0);
  if (parts.map(([part]) => part).join('') !== value || sumMs <= 0) {
    context.addIssue('it must be a duration such as 90s, 10m or 8760h');
    return z.NEVER;
  }
  return sumMs;
});

/** The parser of an IPv4 address. */
export const ipv4Setting = text.refine(isIPv4, 'it must be an IPv4 address');

export const dataDir: ConfigRow<string> = {
  flag: 'data-dir',
  schema: text,
  default: '/var/lib/pintle',
  placeholder: 'DIR',
  help: 'Where everything is kept; the admin kubeconfig is DIR/admin.conf',
};

export const listen: ConfigRow<ListenAddress> = {
  flag: 'listen',
  schema: listenAddress,
  default: { host: '0.0.0.0', port: 6443 },
  defaultText: '0.0.0.0:6443',
  placeholder: 'ADDRESS:PORT',
  help: 'Where the API is served',
};

export const podCidr: ConfigRow<string> = {
  flag: 'pod-cidr',
  schema: cidr,
  default: '10.244.0.0/16',
  placeholder: 'CIDR',
  help: 'Addresses of pods; every node gets a /24 of them',
};

export const serviceCidr: ConfigRow<string> = {
  flag: 'service-cidr',
  schema: cidr,
  default: '10.96.0.0/12',
  placeholder: 'CIDR',
  help: 'Addresses of services',
};

export const clusterDns: ConfigRow<string> = {
  flag: 'cluster-dns',
  schema: ipv4Setting,
  default: '10.96.0.10',
  placeholder: 'IP',
  help: 'The address every node answers cluster DNS at',
};

export const clusterDomain: ConfigRow<string> = {
  flag: 'cluster-domain',
  schema: text,
  default: 'cluster.local',
  placeholder: 'DOMAIN',
  help: 'The DNS domain of services and pods',
};

export const nodeName: ConfigRow<string | undefined> = {
  flag: 'node-name',
  schema: text.optional(),
  defaultText: 'the host name',
  placeholder: 'NAME',
  help: 'The name of this machine’s Node object',
};

export const nodeIp: ConfigRow<string | undefined> = {
  flag: 'node-ip',
  schema: ipv4Setting.optional(),
  defaultText: 'the address of the default route’s link',
  placeholder: 'IP',
  help: 'The address others reach this machine at',
};

export const dockerHost: ConfigRow<string> = {
  flag: 'docker-host',
  schema: text.startsWith('unix://', 'it must be a socket such as unix:///var/run/docker.sock'),
  default: 'unix:///var/run/docker.sock',
  placeholder: 'SOCKET',
  help: 'The Docker engine of this node',
};

export const agentPort: ConfigRow<number> = {
  flag: 'agent-port',
  schema: z.coerce.number('it must be a port').int().min(1).max(65_535),
  default: 10_250,
  placeholder: 'PORT',
  help: 'Where agents serve logs, exec and metrics',
};

export const logFormat: ConfigRow<'pretty' | 'json'> = {
  flag: 'log-format',
  schema: z.enum(['pretty', 'json'], 'it must be pretty or json'),
  default: 'pretty',
  placeholder: 'pretty|json',
  help: 'How log lines are written',
};

export const logLevel: ConfigRow<'debug' | 'info' | 'warn' | 'error'> = {
  flag: 'log-level',
  schema: z.enum(['debug', 'info', 'warn', 'error'], 'it must be debug, info, warn or error'),
  default: 'info',
  placeholder: 'LEVEL',
  help: 'The least important level that is logged',
};
