/**
 * The lab's network: one namespace a node, all joined by a switch namespace that has no way out. The switch holds the
 * gateway address, so that every node has a default route (service addresses must be routable before NAT) and nothing leaks.
 */
import type { Exec } from '../../machinery/exec/exec.js';

/** The gateway of all nodes. */
export const switchAddress = '10.77.0.1';

/** The address of the n-th node, counted from 1. */
export const nodeAddress = (position: number): string => `10.77.0.${String(10 + position)}`;

/** The name of a lab's switch. */
export const switchNamespace = (labId: string): string => `pintle-lab-${labId}-sw`;
/** The name of a lab's node by its number. */
export const nodeNamespace = (labId: string, position: number): string =>
  `pintle-lab-${labId}-n${String(position)}`;

/** Puts a command into a network namespace. `nsenter`, because `ip netns exec` hides /sys/fs/cgroup. */
export const inNamespace = (namespace: string, argv: readonly string[]): readonly string[] => [
  'nsenter',
  `--net=/run/netns/${namespace}`,
  ...argv,
];

/** Makes the switch of a lab. */
export async function createSwitch(exec: Exec, labId: string): Promise<void> {
  const name = switchNamespace(labId);
  await exec(['ip', 'netns', 'add', name]);
  await exec(['ip', '-n', name, '-batch', '-'], {
    input: [
      'link set lo up',
      'link add br0 type bridge',
      `addr add ${switchAddress}/24 dev br0`,
      'link set br0 up',
      '',
    ].join('\n'),
  });
}

/** Makes the namespace of a node and joins it to the switch. */
export async function createNode(exec: Exec, labId: string, position: number): Promise<void> {
  const name = nodeNamespace(labId, position);
  const port = `port${String(position)}`;
  const hub = switchNamespace(labId);
  await exec(['ip', 'netns', 'add', name]);
  await exec([
    'ip',
    '-n',
    hub,
    'link',
    'add',
    port,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    name,
  ]);
  await exec(['ip', '-n', hub, '-batch', '-'], {
    input: [`link set ${port} master br0`, `link set ${port} up`, ''].join('\n'),
  });
  await exec(['ip', '-n', name, '-batch', '-'], {
    input: [
      'link set lo up',
      `addr add ${nodeAddress(position)}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${switchAddress}`,
      '',
    ].join('\n'),
  });
}
