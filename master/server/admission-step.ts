/** Binds the admission chain to a request: who asks, with which options, and where warnings and audit facts go. */
import type {
  AdmissionAttributes,
  AdmissionChain,
  AdmissionReader,
} from '../admission/admission.js';
import type { AdmissionStep, WriteAttributes } from '../registry/hooks.js';
import type { Registries } from '../registry/registries.js';
import type { ResourceRegistry } from '../registry/resource-registry.js';
import type { ApiRequest } from './api-request.js';
import { answerMsOf, isLongRunning } from './request-deadlines.js';
import type { AdmissionFor } from './resource-handler.js';

/** What plugins see of the cluster: the caches that are never behind an acknowledged write. */
export function admissionReader(registries: Registries): AdmissionReader {
  const find = (group: string, plural: string): ResourceRegistry | undefined =>
    registries.find(group, plural);
  // Asked several times a request, and about kinds that are always served: found once each, without making a name.
  const known = new Map<string, Map<string, ResourceRegistry>>();
  const builtIn = (group: string, plural: string): ResourceRegistry | undefined => {
    const found = known.get(group)?.get(plural);
    if (found !== undefined) return found;
    const registry = find(group, plural);
    if (registry === undefined) return undefined;
    known.set(
      group,
      (known.get(group) ?? new Map<string, ResourceRegistry>()).set(plural, registry),
    );
    return registry;
  };
  return {
    find: (group, plural, key) => find(group, plural)?.find(key)?.object,
    list: (group, plural, namespace) =>
      find(group, plural)
        ?.store.peekAll(namespace)
        .map(({ object }) => object) ?? [],
    count: (group, plural) => builtIn(group, plural)?.store.count() ?? 0,
    changedAt: (group, plural) => builtIn(group, plural)?.store.changedAt() ?? 0,
  };
}

const optionsKinds = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
} as const;

/**
 * The options of a write as an object of meta.k8s.io, the way webhooks are told of them: by what is done, however it was asked for,
 * so that a patch has those of an update. Connections have none.
 */
function optionsOf(
  { query }: ApiRequest,
  { operation, options: given }: Pick<WriteAttributes, 'operation' | 'options'>,
): object | null {
  if (operation === 'CONNECT') return null;
  const type = { kind: optionsKinds[operation], apiVersion: 'meta.k8s.io/v1' };
  if (operation === 'DELETE') return { ...given, ...type };
  const options: Record<string, unknown> = type;
  for (const name of ['fieldManager', 'fieldValidation']) {
    const value = query.get(name) ?? '';
    if (value !== '') options[name] = value;
  }
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.length > 0) options.dryRun = dryRun;
  return options;
}

const answerByMs = ({ arrivedMs, query, target }: ApiRequest): number =>
  arrivedMs === undefined || isLongRunning(target) ? Infinity : arrivedMs + answerMsOf(query);

/** The admission step of each request. */
export const admissionStepOf =
  (chain: AdmissionChain): AdmissionFor =>
  (request, resource): AdmissionStep => {
    const onceWritten: ((written: boolean) => void)[] = [];
    // Field by field: spreading an object whose fields come and go is slow, and this is made for every write.
    const attributesOf =
      (attributes: WriteAttributes): (() => AdmissionAttributes) =>
      () => ({
        operation: attributes.operation,
        subresource: attributes.subresource,
        namespace: attributes.namespace,
        name: attributes.name,
        object: attributes.object,
        stored: attributes.stored,
        dryRun: attributes.dryRun,
        resource,
        user: request.user,
        options: () => optionsOf(request, attributes),
        warn: (message) => {
          if (!request.warnings.includes(message)) request.warnings.push(message);
        },
        audit: (key, value) => {
          request.auditAnnotations?.set(key, value);
        },
        auditsBodies: request.auditsBodies === true,
        answerByMs: () => answerByMs(request),
        onSettled: (settled) => {
          onceWritten.push(settled);
        },
        pass: { isReinvocation: false, again: false },
      });
    const sortOf = ({ operation, subresource }: WriteAttributes) => ({
      operation,
      subresource,
      resource,
    });
    return {
      mutate: (attributes) => chain.mutate(sortOf(attributes), attributesOf(attributes)),
      validate: (attributes) => chain.validate(sortOf(attributes), attributesOf(attributes)),
      settled: (written) => {
        for (const settled of onceWritten.splice(0)) settled(written);
      },
    };
  };
