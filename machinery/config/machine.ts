/** What a machine is called and where it is reached, where the configuration does not say. */
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { ConfigError } from './config.js';

/** The host name as Kubernetes names nodes: in lower case. */
export const defaultNodeName = (): string => hostname().toLowerCase();

/** The link of the default route with the lowest metric, from the kernel's routing table. */
function defaultLink(routes: string): string | undefined {
  const defaults = routes
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  return defaults[0]?.[0];
}

/** The IPv4 address of the default route's link. Throws ConfigError where there is none to choose. */
export function defaultNodeIp(): string {
  const link = defaultLink(readFileSync('/proc/net/route', 'utf8'));
  const addresses = link === undefined ? [] : (networkInterfaces()[link] ?? []);
  const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined) {
    throw new ConfigError(
      'this machine has no default route to tell its address by; give it with --node-ip',
    );
  }
  return found.address;
}
