/** What a namespace's pods and services still have on a node: containers, veths, rules, mounts. */
import { readFileSync } from 'node:fs';
import type { LabCluster, LabNode } from './cluster.js';

/** One line a thing found; empty when the node is clean. Veths are counted against running sandboxes. */
export async function nodeFootprint(
  cluster: LabCluster,
  node: LabNode,
  namespace: string,
): Promise<readonly string[]> {
  const containers = (
    await node.engine.docker([
      'ps',
      '--all',
      '--format',
      '{{.Label "io.kubernetes.pod.namespace"}} {{.Names}}',
    ])
  )
    .split('\n')
    .filter((line) => line.startsWith(`${namespace} `));
  const sandboxes = await node.engine.docker(['ps', '--quiet', '--filter', 'network=none']);
  const veths = await cluster.onNode(node, ['ip', '-json', 'link', 'show', 'type', 'veth']);
  const bridged = (JSON.parse(veths) as { ifname: string }[]).filter(
    ({ ifname }) => ifname !== 'eth0',
  );
  const running = sandboxes.split('\n').filter((line) => line !== '').length;
  const rules = (await cluster.onNode(node, ['iptables-save']))
    .split('\n')
    .filter((line) => line.includes(`${namespace}/`));
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`${node.folder}/data`) && line.includes(`/${namespace}_`));
  return [
    ...containers.map((line) => `container ${line}`),
    ...(bridged.length > running
      ? [`veths ${bridged.map(({ ifname }) => ifname).join(', ')} for ${String(running)} sandboxes`]
      : []),
    ...rules.map((line) => `rule ${line}`),
    ...mounts.map((line) => `mount ${line}`),
  ];
}
