/** Logs, commands and ports of pods: checks what is asked and says which agent to go on to. */
import type { Pod } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { badRequest, invalidObject, methodNotAllowed } from '../../../api/meta/status-error.js';
import { forbidden, invalid } from '../../../api/validation/field-error.js';
import type { FieldError } from '../../../api/validation/field-error.js';
import type { Registries } from '../../registry/registries.js';
import { agentAddressOf } from '../agent-address.js';
import type { AgentAddress } from '../agent-address.js';
import type { ApiRequest } from '../api-request.js';
import { integerParameter } from '../query-options.js';
import { transientAnswer } from '../request-body.js';
import { keyOf } from '../resource-key.js';
import { admit } from './admit.js';
import type { SubresourceHandler } from './subresource.js';
import { allContainers } from '../../../api/core/v1/pod/containers.js';

/** The container a request means: the one it names, else the only or the default one. */
function containerOf(pod: Pod, query: URLSearchParams): string {
  const { name } = pod.metadata;
  const asked = query.get('container') ?? '';
  if (asked !== '') {
    if (allContainers(pod.spec).some((container) => container.name === asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const annotated = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (
    annotated !== undefined &&
    allContainers(pod.spec).some((container) => container.name === annotated)
  ) {
    return annotated;
  }
  const [only, ...others] = pod.spec.containers;
  if (only !== undefined && others.length === 0) return only.name;
  const choices = pod.spec.containers.map((container) => container.name).join(' ');
  const inits = (pod.spec.initContainers ?? []).map((container) => container.name).join(' ');
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${choices}]${inits === '' ? '' : ` or one of the init containers: [${inits}]`}`,
  );
}

/** Where the agent of a pod's node listens; undefined for a pod that has no node yet. */
function agentOf(registries: Registries, { spec }: Pod): AgentAddress | undefined {
  const { nodeName = '' } = spec;
  return nodeName === '' ? undefined : agentAddressOf(registries, nodeName);
}

async function podOf(registries: Registries, request: ApiRequest): Promise<Pod> {
  const { object } = await registries.of('', 'pods').get(keyOf(request));
  return object as Pod;
}

const pathOf = (kind: string, { metadata }: Pod, container?: string): string =>
  [kind, metadata.namespace ?? '', metadata.name, ...(container === undefined ? [] : [container])]
    .map((part) => `/${encodeURIComponent(part)}`)
    .join('');

const logParameters = [
  'follow',
  'previous',
  'sinceSeconds',
  'sinceTime',
  'timestamps',
  'tailLines',
  'limitBytes',
  'stream',
];

function checkLogOptions(pod: Pod, query: URLSearchParams): void {
  const errors: FieldError[] = [];
  const atLeast = (name: string, least: number, why: string): void => {
    const value = integerParameter(query, name);
    if (value !== undefined && value < least) errors.push(invalid(name, value, why));
  };
  atLeast('tailLines', 0, 'must be greater than or equal to 0');
  atLeast('limitBytes', 1, 'must be greater than 0');
  if (query.has('sinceSeconds') && query.has('sinceTime')) {
    const why = 'at most one of `sinceTime` or `sinceSeconds` may be specified';
    errors.push(forbidden('[]', why));
  } else atLeast('sinceSeconds', 1, 'must be greater than 0');
  if (errors.length > 0) {
    throw invalidObject({ group: '', kind: 'PodLogOptions' }, pod.metadata.name, errors);
  }
}

/** `GET pods/NAME/log`. A pod without a node has said nothing yet. */
export function logHandler(registries: Registries): SubresourceHandler {
  return async (request) => {
    if (request.target.verb !== 'get') throw methodNotAllowed();
    const pod = await podOf(registries, request);
    checkLogOptions(pod, request.query);
    const container = containerOf(pod, request.query);
    const agent = agentOf(registries, pod);
    if (agent === undefined) return transientAnswer(204, undefined);
    const query = new URLSearchParams();
    for (const name of logParameters) {
      const value = request.query.get(name);
      if (value !== null) query.set(name, value);
    }
    const path = `${pathOf('containerLogs', pod, container)}?${query.toString()}`;
    return { type: 'agent', connection: { ...agent, path } };
  };
}

/** The agent's names of what the API calls stdin, stdout and stderr. */
const streamParameters = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' } as const;

/** What is asked of a pod, as the object that admission is shown. */
function connectOptions(kind: string, query: URLSearchParams, container?: string): KubeObject {
  const options: Record<string, unknown> = { kind, apiVersion: 'v1' };
  for (const name of Object.keys(streamParameters)) {
    const value = query.get(name);
    if (value === 'true' || value === '1') options[name] = true;
  }
  if (container !== undefined) options.container = container;
  const command = query.getAll('command');
  if (command.length > 0) options.command = command;
  const ports = query.getAll('ports').flatMap((text) => text.split(',').map(Number));
  if (ports.length > 0) options.ports = ports;
  return options as unknown as KubeObject;
}

/** `exec` and `attach`, by GET (WebSocket) or POST (SPDY). */
export function commandHandler(
  registries: Registries,
  kind: 'exec' | 'attach',
): SubresourceHandler {
  return async (request, context) => {
    const { verb } = request.target;
    if (verb !== 'get' && verb !== 'create') throw methodNotAllowed();
    const pod = await podOf(registries, request);
    const container = containerOf(pod, request.query);
    const optionsKind = kind === 'exec' ? 'PodExecOptions' : 'PodAttachOptions';
    const object = connectOptions(optionsKind, request.query, container);
    await admit(context, { operation: 'CONNECT', subresource: kind, ...keyOf(request), object });
    const agent = agentOf(registries, pod);
    if (agent === undefined)
      throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
    const query = new URLSearchParams();
    for (const command of request.query.getAll('command')) query.append('command', command);
    for (const [name, agentName] of Object.entries(streamParameters)) {
      const value = request.query.get(name);
      if (value === 'true' || value === '1') query.set(agentName, '1');
    }
    const path = `${pathOf(kind, pod, container)}?${query.toString()}`;
    return { type: 'agent', connection: { ...agent, path } };
  };
}

/** Forwards ports of a pod. */
export function portForwardHandler(registries: Registries): SubresourceHandler {
  return async (request, context) => {
    const { verb } = request.target;
    if (verb !== 'get' && verb !== 'create') throw methodNotAllowed();
    const pod = await podOf(registries, request);
    const object = connectOptions('PodPortForwardOptions', request.query);
    const subresource = 'portforward';
    await admit(context, { operation: 'CONNECT', subresource, ...keyOf(request), object });
    const agent = agentOf(registries, pod);
    if (agent === undefined)
      throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
    const query = new URLSearchParams();
    for (const port of request.query.getAll('ports')) query.append('port', port);
    const suffix = query.size === 0 ? '' : `?${query.toString()}`;
    return { type: 'agent', connection: { ...agent, path: pathOf('portForward', pod) + suffix } };
  };
}
