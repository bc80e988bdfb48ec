/** The contents of a pod's /etc/hosts and /etc/resolv.conf. Pure. */
import type { Pod } from '../../api/core/v1/types.js';

const maxHostnameLength = 63;
const maxNameservers = 3;
const maxSearchDomains = 32;

/** What the machine's own resolver is told. */
export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** Reads the lines of a resolv.conf that matter. */
export function parseResolvConf(text: string): ResolverConfig {
  const nameservers: string[] = [];
  let searches: readonly string[] = [];
  let options: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [keyword = '', ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined) nameservers.push(values[0]);
    else if (keyword === 'search' || keyword === 'domain') searches = values;
    else if (keyword === 'options') options = values;
  }
  return { nameservers, searches, options };
}

function baseConfig(
  pod: Pod,
  cluster: { readonly dnsIP: string; readonly domain: string },
  machine: ResolverConfig,
): ResolverConfig {
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false } = pod.spec;
  if (dnsPolicy === 'None') return { nameservers: [], searches: [], options: [] };
  const usesCluster =
    dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  if (!usesCluster || cluster.dnsIP === '') return machine;
  const { domain } = cluster;
  const own = [`${pod.metadata.namespace ?? 'default'}.svc.${domain}`, `svc.${domain}`, domain];
  return {
    nameservers: [cluster.dnsIP],
    searches: [...own, ...machine.searches],
    options: ['ndots:5'],
  };
}

function mergedOptions(
  base: readonly string[],
  added: readonly { readonly name?: string | undefined; readonly value?: string | undefined }[],
): readonly string[] {
  const byName = new Map(base.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name = '', value } of added) {
    byName.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  }
  return [...byName.values()];
}

/** The resolver configuration a pod's `dnsPolicy` and `dnsConfig` ask for. */
export function resolvConfOf(
  pod: Pod,
  cluster: { readonly dnsIP: string; readonly domain: string },
  machine: ResolverConfig,
): string {
  const base = baseConfig(pod, cluster, machine);
  const { nameservers = [], searches = [], options = [] } = pod.spec.dnsConfig ?? {};
  const servers = [...new Set([...base.nameservers, ...nameservers])].slice(0, maxNameservers);
  const domains = [...new Set([...base.searches, ...searches])].slice(0, maxSearchDomains);
  const flags = mergedOptions(base.options, options);
  return [
    ...(domains.length === 0 ? [] : [`search ${domains.join(' ')}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...(flags.length === 0 ? [] : [`options ${flags.join(' ')}`]),
    '',
  ].join('\n');
}

/** The host name of a pod's containers; on the host's network it is the machine's. */
export function hostnameOf(pod: Pod, nodeName: string): string {
  if (pod.spec.hostNetwork === true) return nodeName;
  const { hostnameOverride, hostname, setHostnameAsFQDN } = pod.spec;
  if (hostnameOverride !== undefined && hostnameOverride !== '') return hostnameOverride;
  const name = (hostname ?? '') === '' ? pod.metadata.name : (hostname ?? '');
  const short = name.slice(0, maxHostnameLength).replace(/[-.]+$/, '');
  return setHostnameAsFQDN === true ? short : short;
}

/** The pod's name within the cluster's domain, if it has a subdomain. */
function fullNameOf(
  pod: Pod,
  options: { readonly hostname: string; readonly domain: string },
): string | undefined {
  const { subdomain } = pod.spec;
  if (subdomain === undefined || subdomain === '') return undefined;
  return `${options.hostname}.${subdomain}.${pod.metadata.namespace ?? 'default'}.svc.${options.domain}`;
}

/** /etc/hosts of a pod with a network of its own. */
export function hostsFileOf(
  pod: Pod,
  options: { readonly ips: readonly string[]; readonly hostname: string; readonly domain: string },
): string {
  const fullName = fullNameOf(pod, options);
  const names = fullName === undefined ? [options.hostname] : [fullName, options.hostname];
  const aliases = (pod.spec.hostAliases ?? []).map(
    ({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}`,
  );
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...options.ips.map((ip) => `${ip}\t${names.join('\t')}`),
    ...(aliases.length === 0 ? [] : ['', '# Entries added by HostAliases.', ...aliases]),
    '',
  ].join('\n');
}
