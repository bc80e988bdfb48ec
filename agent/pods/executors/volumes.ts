/** The files and volumes that containers mount. */
import { readFile, mkdir, writeFile } from 'node:fs/promises';
import type { Pod } from '../../../api/core/v1/types.js';
import { hostnameOf, hostsFileOf, parseResolvConf, resolvConfOf } from '../name-resolution.js';
import { type PodContext, requirePod, pathsOf, podIPsOf } from './pod-context.js';

async function writeResolvConf(context: PodContext, pod: Pod): Promise<void> {
  const { clusterDns, clusterDomain, resolvConfPath } = context.dependencies;
  const machine = parseResolvConf(await readFile(resolvConfPath, 'utf8').catch(() => ''));
  const text = resolvConfOf(pod, { dnsIP: clusterDns, domain: clusterDomain }, machine);
  await writeFile(pathsOf(context).resolvConf, text);
}

/** Containers mount the file, so it is written in place and exists before its addresses are known. */
export async function writeHosts(context: PodContext, pod: Pod): Promise<void> {
  if (pod.spec.hostNetwork === true) return;
  const { node, clusterDomain } = context.dependencies;
  const hostname = hostnameOf(pod, node.name);
  const ips = podIPsOf(context);
  await writeFile(
    pathsOf(context).hosts,
    hostsFileOf(pod, { ips, hostname, domain: clusterDomain }),
  );
}

/** Writes what the pod's containers mount. */
export async function mountVolumes(context: PodContext): Promise<void> {
  const pod = requirePod(context);
  await mkdir(pathsOf(context).root, { recursive: true, mode: 0o750 });
  await Promise.all([
    writeResolvConf(context, pod),
    writeHosts(context, pod),
    context.dependencies.volumes.mount(pod),
  ]);
  context.memory.volumesMounted = true;
}

/** Unmounts and removes what `mountVolumes` wrote. */
export async function unmountVolumes(context: PodContext): Promise<void> {
  const { dependencies, identity, memory } = context;
  await dependencies.volumes.unmount(identity.uid);
  memory.volumesMounted = false;
}
