/**
 * The environment of a container: service variables, then `envFrom`, then `env`, later ones winning, with `$(NAME)` expanded
 * from what came before. Called when a container is made, by its executor.
 */
import type { Container, EnvVar, Pod, Service } from '../../api/core/v1/types.js';
import { fieldText, resourceText } from './downward.js';
import { expandReferences } from './expansion.js';
import type { NodeFacts, PodReferences } from './ports.js';

/** A reference of a container's configuration that cannot be met; the container waits with `CreateContainerConfigError`. */
export class ContainerConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ContainerConfigError';
  }
}

export interface EnvironmentContext {
  readonly pod: Pod;
  readonly podIPs: readonly string[];
  readonly node: NodeFacts;
  readonly references: PodReferences;
}

const variableName = (text: string): string => text.toUpperCase().replaceAll('-', '_');

function addServiceVariables(variables: Map<string, string>, service: Service): void {
  const { clusterIP = '', ports = [] } = service.spec;
  const [first] = ports;
  if (clusterIP === '' || clusterIP === 'None' || first === undefined) return;
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
  const prefix = variableName(service.metadata.name);
  variables.set(`${prefix}_SERVICE_HOST`, clusterIP);
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const { name, port } of ports) {
    if (name !== undefined && name !== '') {
      variables.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port));
    }
  }
  const url = ({ protocol = 'TCP', port }: (typeof ports)[number]): string =>
    `${protocol.toLowerCase()}://${host}:${port}`;
  variables.set(`${prefix}_PORT`, url(first));
  for (const servicePort of ports) {
    const { protocol = 'TCP', port } = servicePort;
    const each = `${prefix}_PORT_${port}_${protocol}`;
    variables.set(each, url(servicePort));
    variables.set(`${each}_PROTO`, protocol.toLowerCase());
    variables.set(`${each}_PORT`, String(port));
    variables.set(`${each}_ADDR`, clusterIP);
  }
}

/** Variables in the style of Docker links, for the services of the pod's namespace and the API server's. */
function serviceVariables(pod: Pod, references: PodReferences): Map<string, string> {
  const variables = new Map<string, string>();
  const namespace = pod.metadata.namespace ?? 'default';
  const api = references.services('default').find(({ metadata }) => metadata.name === 'kubernetes');
  if (api !== undefined) addServiceVariables(variables, api);
  if (pod.spec.enableServiceLinks === false) return variables;
  for (const service of references.services(namespace)) addServiceVariables(variables, service);
  return variables;
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

async function secretValue(
  { pod, references }: EnvironmentContext,
  name: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const secret = await references.secret(pod.metadata.namespace ?? '', name);
  if (secret === undefined) return undefined;
  return new Map(Object.entries(secret.data ?? {}).map(([key, text]) => [key, fromBase64(text)]));
}

async function configMapValue(
  { pod, references }: EnvironmentContext,
  name: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const configMap = await references.configMap(pod.metadata.namespace ?? '', name);
  return configMap === undefined ? undefined : new Map(Object.entries(configMap.data ?? {}));
}

async function addEnvFrom(
  context: EnvironmentContext,
  container: Container,
  variables: Map<string, string>,
): Promise<void> {
  for (const { configMapRef, secretRef, prefix = '' } of container.envFrom ?? []) {
    const source = configMapRef ?? secretRef;
    if (source === undefined) continue;
    const name = source.name ?? '';
    const kind = configMapRef === undefined ? 'secret' : 'configmap';
    const values = await (configMapRef === undefined ? secretValue : configMapValue)(context, name);
    if (values === undefined) {
      if (source.optional === true) continue;
      throw new ContainerConfigError(`${kind} "${name}" not found`);
    }
    for (const [key, value] of values) variables.set(`${prefix}${key}`, value);
  }
}

interface KeyReference {
  readonly key: string;
  readonly name?: string | undefined;
  readonly optional?: boolean | undefined;
}

async function keyValue(
  context: EnvironmentContext,
  kind: 'ConfigMap' | 'Secret',
  reference: KeyReference,
): Promise<string | undefined> {
  const { key, name = '', optional = false } = reference;
  const values = await (kind === 'Secret' ? secretValue : configMapValue)(context, name);
  if (values === undefined) {
    if (optional) return undefined;
    throw new ContainerConfigError(`${kind.toLowerCase()} "${name}" not found`);
  }
  const value = values.get(key);
  if (value === undefined && !optional) {
    const namespace = context.pod.metadata.namespace ?? '';
    throw new ContainerConfigError(`couldn't find key ${key} in ${kind} ${namespace}/${name}`);
  }
  return value;
}

async function valueOf(
  context: EnvironmentContext,
  container: Container,
  variable: EnvVar,
  known: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (from === undefined) return expandReferences(variable.value ?? '', known);
  const { pod, node } = context;
  if (from.fieldRef !== undefined) return fieldText(pod, from.fieldRef.fieldPath, context);
  if (from.resourceFieldRef !== undefined) {
    const options = { containerName: container.name, node };
    return resourceText(pod, from.resourceFieldRef, options);
  }
  if (from.configMapKeyRef !== undefined) {
    return keyValue(context, 'ConfigMap', from.configMapKeyRef);
  }
  if (from.secretKeyRef !== undefined) return keyValue(context, 'Secret', from.secretKeyRef);
  throw new ContainerConfigError(
    `environment variable ${variable.name}: its source is not supported`,
  );
}

/** Rejects with `ContainerConfigError` when something required is missing. */
export async function environmentOf(
  context: EnvironmentContext,
  container: Container,
): Promise<Map<string, string>> {
  const services = serviceVariables(context.pod, context.references);
  const variables = new Map<string, string>();
  await addEnvFrom(context, container, variables);
  for (const variable of container.env ?? []) {
    const known = new Map([...services, ...variables]);
    const value = await valueOf(context, container, variable, known);
    if (value !== undefined) variables.set(variable.name, value);
  }
  return new Map([...services, ...variables]);
}

const addressPaths: ReadonlySet<string> = new Set(['status.podIP', 'status.podIPs']);

/** Names of the containers whose environment holds the pod's address, which exists only once its network does. */
export function containersNeedingAddress(containers: readonly Container[]): ReadonlySet<string> {
  const needing = containers.filter(({ env }) =>
    env?.some(({ valueFrom }) => addressPaths.has(valueFrom?.fieldRef?.fieldPath ?? '')),
  );
  return new Set(needing.map(({ name }) => name));
}
