/** The columns of `kubectl get nodes`; from Internal-IP on with `-o wide`. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import type { TableColumn } from '../../schema/resource.js';
import { specOf, statusOf } from './node-validation.js';
import type { Node, NodeAddress } from './types.js';

const rolePrefix = 'node-role.kubernetes.io/';
const roleLabel = 'kubernetes.io/role';

function readiness(node: Node): string {
  const ready = statusOf(node).conditions?.find(({ type }) => type === 'Ready');
  const texts = [];
  if (ready === undefined) texts.push('Unknown');
  else texts.push(ready.status === 'True' ? 'Ready' : 'NotReady');
  if (specOf(node).unschedulable === true) texts.push('SchedulingDisabled');
  return texts.join(',');
}

/** The roles that a node's labels give it, sorted. */
function nodeRoles(node: Node): string[] {
  const roles = new Set<string>();
  for (const [name, value] of Object.entries(node.metadata.labels ?? {})) {
    if (name.startsWith(rolePrefix) && name.length > rolePrefix.length) {
      roles.add(name.slice(rolePrefix.length));
    } else if (name === roleLabel && value !== '') roles.add(value);
  }
  return [...roles].sort();
}

const addressOf = (node: Node, wanted: NodeAddress['type']): string =>
  statusOf(node).addresses?.find(({ type }) => type === wanted)?.address ?? '<none>';

const orUnknown = (text: string | undefined): string =>
  text === undefined || text === '' ? '<unknown>' : text;

interface Info {
  readonly name: string;
  readonly description: string;
  readonly priority: 0 | 1;
  readonly cell: (node: Node) => string;
}

const text = (column: Info): TableColumn<Node> => ({ ...column, type: 'string' });

export const nodeColumns: readonly TableColumn<Node>[] = [
  nameColumn,
  text({
    name: 'Status',
    description: 'Whether the node is ready, and whether it takes new pods.',
    priority: 0,
    cell: readiness,
  }),
  text({
    name: 'Roles',
    description: 'The roles that the labels of the node give it.',
    priority: 0,
    cell: (node) => nodeRoles(node).join(',') || '<none>',
  }),
  ageColumn,
  text({
    name: 'Version',
    description: 'The version of the agent on the node.',
    priority: 0,
    cell: (node) => statusOf(node).nodeInfo?.kubeletVersion ?? '',
  }),
  text({
    name: 'Internal-IP',
    description: 'The address at which other nodes reach the node.',
    priority: 1,
    cell: (node) => addressOf(node, 'InternalIP'),
  }),
  text({
    name: 'External-IP',
    description: 'The address at which the world reaches the node.',
    priority: 1,
    cell: (node) => addressOf(node, 'ExternalIP'),
  }),
  text({
    name: 'OS-Image',
    description: 'The operating system, as /etc/os-release names it.',
    priority: 1,
    cell: (node) => orUnknown(statusOf(node).nodeInfo?.osImage),
  }),
  text({
    name: 'Kernel-Version',
    description: 'The version of the kernel, as uname -r prints it.',
    priority: 1,
    cell: (node) => orUnknown(statusOf(node).nodeInfo?.kernelVersion),
  }),
  text({
    name: 'Container-Runtime',
    description: 'The container runtime of the node and its version.',
    priority: 1,
    cell: (node) => orUnknown(statusOf(node).nodeInfo?.containerRuntimeVersion),
  }),
];
