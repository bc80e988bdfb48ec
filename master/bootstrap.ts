/**
 * What exists in every cluster from its first second: the system's namespaces and priority classes, and the Service
 * `kubernetes` by which pods reach the API. Run on every start; what is there already is left alone or brought up to date.
 */
import { isIPv6 } from 'node:net';
import { configMaps } from '../api/core/v1/config-map.js';
import { nodeLeaseNamespace } from '../api/core/v1/system-namespaces.js';
import type { ConfigMap, Endpoints, Namespace, Service } from '../api/core/v1/types.js';
import { endpoints } from '../api/core/v1/endpoints.js';
import { namespaces } from '../api/core/v1/namespace.js';
import { services } from '../api/core/v1/service.js';
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.js';
import type { EndpointSlice } from '../api/discovery/v1/types.js';
import type { Condition } from '../api/meta/v1/types.js';
import { serviceCidrs } from '../api/networking/v1/service-cidr.js';
import type { ServiceCIDR } from '../api/networking/v1/types.js';
import type { KubeObject, NewObject } from '../api/meta/v1/types.js';
import { priorityClasses } from '../api/scheduling/v1/priority-class.js';
import { systemPriorityClasses } from '../api/scheduling/v1/system-classes.js';
import type { PriorityClass } from '../api/scheduling/v1/types.js';
import type { ResourceRef } from '../api/schema/resource.js';
import type { ClientTrust } from './open-authentication.js';
import { clusterOnlyKubeconfigText } from '../machinery/certificates/kubeconfig-text.js';
import type { Client } from '../machinery/client/client.js';
import { findObject } from '../machinery/client/find-object.js';
import { serviceNameLabel } from '../api/discovery/v1/labels.js';

export interface BootstrapOptions {
  readonly client: Client;
  /** Where agents and pods reach the API. */
  readonly address: string;
  readonly port: number;
  /** The address of the Service `kubernetes`. */
  readonly serviceAddress: string;
  /** Where the addresses of Services come from. */
  readonly serviceCidr: string;
  /** RFC 3339, for conditions. */
  readonly now: string;
  /** The authority of the server's own certificate, PEM. */
  readonly caPem: string;
  /** Whose client certificates are believed: those of users, and those of who speaks for users in headers. */
  readonly trust: ClientTrust;
}

const systemNamespaces = ['default', 'kube-system', 'kube-public', nodeLeaseNamespace];
const target = { namespace: 'default', name: 'kubernetes' } as const;

/**
 * The object as it is stored, or undefined once it has been created. Looks first: on a restart a create would be refused for
 * what is allocated to the very object that is there.
 */
async function existingOrCreated<T extends KubeObject>(
  client: Client,
  resource: ResourceRef<T>,
  object: NewObject<T>,
): Promise<T | undefined> {
  const { namespace, name = '' } = object.metadata;
  const existing = await findObject(client, resource, { namespace, name });
  if (existing === undefined) await client.create(resource, object);
  return existing;
}

/** Creates the object unless there is one. */
async function ensure<T extends KubeObject>(
  client: Client,
  resource: ResourceRef<T>,
  object: NewObject<T>,
): Promise<void> {
  await existingOrCreated(client, resource, object);
}

/** Creates the object, or merges what is wanted into the one there is. */
async function keep<T extends KubeObject>(
  client: Client,
  resource: ResourceRef<T>,
  object: NewObject<T>,
): Promise<void> {
  const existing = await existingOrCreated(client, resource, object);
  if (existing === undefined) return;
  const { namespace, name } = existing.metadata;
  await client.patch(resource, { namespace, name }, { type: 'merge', body: object });
}

/** By this, extension servers know users that the master speaks for, and users' own certificates. */
function authenticationConfig({ trust }: BootstrapOptions): NewObject<ConfigMap> {
  const { requestHeader } = trust;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-system', name: 'extension-apiserver-authentication' },
    data: {
      'client-ca-file': trust.caPem,
      'requestheader-client-ca-file': trust.requestHeaderCaPem,
      'requestheader-allowed-names': JSON.stringify(requestHeader.allowedNames),
      'requestheader-username-headers': JSON.stringify(requestHeader.usernameHeaders),
      'requestheader-uid-headers': JSON.stringify(requestHeader.uidHeaders),
      'requestheader-group-headers': JSON.stringify(requestHeader.groupHeaders),
      'requestheader-extra-headers-prefix': JSON.stringify(requestHeader.extraHeaderPrefixes),
    },
  };
}

/** By this, whoever has a bootstrap token finds the cluster; the bootstrap signer signs it. */
function clusterInfo({ address, port, caPem }: BootstrapOptions): NewObject<ConfigMap> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-public', name: 'cluster-info' },
    data: {
      kubeconfig: clusterOnlyKubeconfigText({
        serverUrl: `https://${isIPv6(address) ? `[${address}]` : address}:${String(port)}`,
        caPem,
      }),
    },
  };
}

/** Creates the ServiceCIDR of the cluster's own range; it is ready as long as the master runs. */
async function ensureServiceRange(
  client: Client,
  { serviceCidr, now }: BootstrapOptions,
): Promise<void> {
  const { name } = target;
  const range: NewObject<ServiceCIDR> = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name },
    spec: { cidrs: [serviceCidr] },
  };
  await ensure(client, serviceCidrs, range);
  const stored = await client.get(serviceCidrs, { name });
  if (stored.status.conditions?.some(({ type }) => type === 'Ready') === true) return;
  const ready: Condition = {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: now,
  };
  const status = { conditions: [...(stored.status.conditions ?? []), ready] };
  await client.update(serviceCidrs, { ...stored, status }, { subresource: 'status' });
}

/** Makes what is missing. */
export async function bootstrapCluster(options: BootstrapOptions): Promise<void> {
  const { client, address, port, serviceAddress } = options;
  for (const name of systemNamespaces) {
    const namespace: NewObject<Namespace> = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      spec: {},
    };
    await ensure(client, namespaces, namespace);
  }
  for (const { name, value, description } of systemPriorityClasses) {
    const priorityClass: NewObject<PriorityClass> = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description,
      preemptionPolicy: 'PreemptLowerPriority',
    };
    await ensure(client, priorityClasses, priorityClass);
  }
  await keep(client, configMaps, authenticationConfig(options));
  await keep(client, configMaps, clusterInfo(options));
  await ensureServiceRange(client, options);
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const service: NewObject<Service> = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...target, labels },
    spec: {
      type: 'ClusterIP',
      clusterIP: serviceAddress,
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
    },
  };
  await ensure(client, services, service);
  // Pods cannot reach a master that is only known by a loopback address, and the API refuses such endpoints.
  if (address.startsWith('127.')) return;
  // The EndpointSlice below says the same; no controller needs to mirror this one.
  const skipMirror = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  const legacy: NewObject<Endpoints> = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...target, labels: skipMirror },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  };
  await keep(client, endpoints, legacy);
  const slice: NewObject<EndpointSlice> = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...target, labels: { [serviceNameLabel]: 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
  await keep(client, endpointSlices, slice);
}
