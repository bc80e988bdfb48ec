/** Checks of app, init and ephemeral containers, with Kubernetes' texts. Called by `validate-spec.ts`. */
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  notFound,
  required,
  invalidBecause,
  tooMany,
} from '../../../validation/field-error.js';
import { dns1123LabelErrors, portNameErrors, portNumberErrors } from '../../../validation/names.js';
import type { Container, ContainerPort, ContainerResizePolicy, PodSpec, Volume } from '../types.js';
import { maxExitCodes, maxRestartRules } from '../limits.js';
import { isRestartableInit } from './conditions.js';
import { allContainers, type AnyContainer } from './containers.js';
import { validateEnv } from './validate-env.js';
import { validateDevices, validateMounts } from './validate-mounts.js';
import { validateLifecycle, validateProbes } from './validate-probe.js';
import { validateResources } from './validate-resources.js';
import { validateSecurityContext } from './validate-security.js';
import { anyOf, eachOf, requiredName, requiredOneOf, requiredText } from './validate-values.js';

/** What the checks of a container need to know of the pod around it. */
interface PodFacts {
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claimNames: ReadonlySet<string>;
  readonly graceSeconds: number;
  readonly os: string | undefined;
  readonly hostUsers: boolean;
  readonly restartPolicy: string | undefined;
}

/** What the caller of `validateContainers` found out about the pod. */
export type PodSurroundings = Pick<PodFacts, 'volumes' | 'claimNames'>;

const factsOf = (spec: PodSpec, { volumes, claimNames }: PodSurroundings): PodFacts => ({
  volumes,
  claimNames,
  graceSeconds: spec.terminationGracePeriodSeconds ?? 0,
  os: spec.os?.name,
  hostUsers: spec.hostUsers ?? true,
  restartPolicy: spec.restartPolicy,
});

function validatePorts(ports: readonly ContainerPort[] | undefined, field: string): FieldError[] {
  const names = new Set<string>();
  return eachOf(field, ports, ({ name = '', containerPort, hostPort = 0, protocol }, path) => {
    const errors: FieldError[] = [];
    if (name !== '') {
      const namePath = child(path, 'name');
      const details = portNameErrors(name);
      errors.push(...invalidBecause(namePath, name, details));
      if (details.length === 0 && names.has(name)) errors.push(duplicate(namePath, name));
      names.add(name);
    }
    const portPath = child(path, 'containerPort');
    if (((containerPort as number | undefined) ?? 0) === 0) errors.push(required(portPath));
    else errors.push(...invalidBecause(portPath, containerPort, portNumberErrors(containerPort)));
    if (hostPort !== 0) {
      const details = portNumberErrors(hostPort);
      errors.push(...invalidBecause(child(path, 'hostPort'), hostPort, details));
    }
    const protocols = ['SCTP', 'TCP', 'UDP'];
    return [...errors, ...requiredOneOf(child(path, 'protocol'), protocol, protocols)];
  });
}

function validateRestartRules(container: Container, field: string): FieldError[] {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  if (restartPolicy === undefined && rules.length === 0) return [];
  const policyField = child(field, 'restartPolicy');
  const rulesField = child(field, 'restartPolicyRules');
  return [
    ...(restartPolicy === undefined
      ? [required(policyField, 'must specify restartPolicy when restart rules are used')]
      : anyOf(policyField, restartPolicy, ['Always', 'Never', 'OnFailure'])),
    ...(rules.length > maxRestartRules ? [tooMany(rulesField, rules.length, maxRestartRules)] : []),
    ...eachOf(rulesField, rules, ({ action, exitCodes }, path) => {
      const actions = ['Restart', 'RestartAllContainers'];
      const errors = anyOf(child(path, 'action'), action, actions);
      const codesPath = child(path, 'exitCodes');
      if (exitCodes === undefined) return [...errors, required(codesPath, 'must be specified')];
      const { operator, values = [] } = exitCodes;
      errors.push(...anyOf(child(codesPath, 'operator'), operator, ['In', 'NotIn']));
      return values.length > maxExitCodes
        ? [...errors, tooMany(child(codesPath, 'values'), values.length, maxExitCodes)]
        : errors;
    }),
  ];
}

/** What is wrong with a policy is reported at the list, as in Kubernetes. */
function validateResizePolicies(
  policies: readonly ContainerResizePolicy[] | undefined,
  field: string,
  pod: PodFacts,
): FieldError[] {
  const seen = new Set<string>();
  return eachOf(field, policies, ({ resourceName, restartPolicy }, path) => {
    const errors = seen.has(resourceName) ? [duplicate(path, resourceName)] : [];
    seen.add(resourceName);
    errors.push(
      ...requiredOneOf(field, resourceName, ['cpu', 'memory']),
      ...requiredOneOf(field, restartPolicy, ['NotRequired', 'RestartContainer']),
    );
    if (pod.restartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
      errors.push(invalid(field, restartPolicy, detail));
    }
    return errors;
  });
}

/** What holds for containers of every sort. */
function validateCommon(container: AnyContainer, pod: PodFacts, field: string): FieldError[] {
  const { name, image = '', terminationMessagePolicy } = container;
  return [
    ...requiredName(child(field, 'name'), name, dns1123LabelErrors),
    ...requiredText(child(field, 'image'), image),
    ...requiredOneOf(child(field, 'terminationMessagePolicy'), terminationMessagePolicy, [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...validatePorts(container.ports, child(field, 'ports')),
    ...validateEnv(container, field),
    ...validateMounts(container, pod.volumes, field),
    ...validateDevices(container, pod.volumes, field),
    ...requiredOneOf(child(field, 'imagePullPolicy'), container.imagePullPolicy, [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
    ...validateResources(container.resources, child(field, 'resources'), pod.claimNames),
    ...validateResizePolicies(container.resizePolicy, child(field, 'resizePolicy'), pod),
    ...validateSecurityContext(
      container.securityContext,
      child(field, 'securityContext'),
      pod.hostUsers,
    ),
  ];
}

const isPadded = ({ image = '' }: AnyContainer): boolean => image !== image.trim();

/** The image of a pod's container, which is that of no template any more. */
const validateImage = (container: AnyContainer, field: string): FieldError[] =>
  isPadded(container)
    ? [
        invalid(
          child(field, 'image'),
          container.image,
          'must not have leading or trailing whitespace',
        ),
      ]
    : [];

/**
 * Containers on one node cannot share a port of it; reported where the second one asks for it. Init containers run one by
 * one and are each checked by themselves.
 */
function hostPortConflicts(containers: readonly Container[], field: string): FieldError[] {
  const taken = new Set<string>();
  return eachOf(field, containers, ({ ports }, path) =>
    eachOf(
      child(path, 'ports'),
      ports,
      ({ hostPort = 0, hostIP = '', protocol = '' }, portPath) => {
        if (hostPort === 0) return [];
        const identity = `${protocol}/${hostIP}/${String(hostPort)}`;
        if (taken.has(identity)) return [duplicate(child(portPath, 'hostPort'), identity)];
        taken.add(identity);
        return [];
      },
    ),
  );
}

const validateLife = (container: Container, pod: PodFacts, field: string): FieldError[] => [
  ...validateLifecycle(container.lifecycle, child(field, 'lifecycle'), pod),
  ...validateProbes(container, field, pod.graceSeconds),
];

const appOnly = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** What tells init containers from the others; `list` is the path of all of them. */
function validateInit(
  container: Container,
  pod: PodFacts,
  { field, list }: { readonly field: string; readonly list: string },
): FieldError[] {
  const errors = hostPortConflicts([container], list);
  if (isRestartableInit(container)) return [...errors, ...validateLife(container, pod, field)];
  const refused = appOnly.filter((name) => container[name] !== undefined);
  const detail = 'may not be set for init containers without restartPolicy=Always';
  return [
    ...errors,
    ...refused.map((name) => forbidden(child(field, name), detail)),
    ...eachOf(child(field, 'resizePolicy'), container.resizePolicy, ({ restartPolicy }, path) =>
      restartPolicy === 'RestartContainer'
        ? [
            invalid(
              child(path, 'restartPolicy'),
              restartPolicy,
              "must not be set to 'RestartContainer' for non-sidecar initContainers",
            ),
          ]
        : [],
    ),
  ];
}

const neverEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

/** Resources and lists count as given where there is something in them, anything else where it is there. */
const isGiven = (name: string, value: object | string | undefined): boolean =>
  Array.isArray(value) || name === 'resources'
    ? Object.keys(value ?? {}).length > 0
    : value !== undefined;

function validateEphemeral(spec: PodSpec, pod: PodFacts, field: string): FieldError[] {
  if ((spec.ephemeralContainers ?? []).length === 0) return [];
  const others = [...spec.containers, ...(spec.initContainers ?? [])];
  const taken = new Set(others.map(({ name }) => name));
  const targets = new Set(taken);
  const refusal = 'cannot be set for an Ephemeral Container';
  return eachOf(field, spec.ephemeralContainers, (container, path) => {
    const errors = [...validateCommon(container, pod, path), ...validateImage(container, path)];
    if (taken.has(container.name)) errors.push(duplicate(child(path, 'name'), container.name));
    taken.add(container.name);
    const target = container.targetContainerName ?? '';
    if (target !== '' && !targets.has(target)) {
      errors.push(notFound(child(path, 'targetContainerName'), target));
    }
    for (const name of neverEphemeral) {
      if (isGiven(name, container[name])) errors.push(forbidden(child(path, name), refusal));
    }
    (container.volumeMounts ?? []).forEach((mount, position) => {
      const mountPath = index(child(path, 'volumeMounts'), position);
      for (const name of ['subPath', 'subPathExpr'] as const) {
        if ((mount[name] ?? '') !== '') errors.push(forbidden(child(mountPath, name), refusal));
      }
    });
    return errors;
  });
}

/** Checks of the images of a pod that come after everything else of its spec. */
export const validateImages = (spec: PodSpec, field: string): FieldError[] =>
  allContainers(spec).some(isPadded)
    ? [
        ...eachOf(child(field, 'containers'), spec.containers, validateImage),
        ...eachOf(child(field, 'initContainers'), spec.initContainers, validateImage),
      ]
    : [];

/** Checks all containers of a pod; `field` is the path of the spec. */
export function validateContainers(
  spec: PodSpec,
  field: string,
  surroundings: PodSurroundings,
): FieldError[] {
  const pod = factsOf(spec, surroundings);
  const containersField = child(field, 'containers');
  const initField = child(field, 'initContainers');
  const names = new Set<string>();
  const unique = (name: string, path: string): FieldError[] => {
    if (names.has(name)) return [duplicate(child(path, 'name'), name)];
    names.add(name);
    return [];
  };
  return [
    ...(spec.containers.length === 0 ? [required(containersField)] : []),
    ...eachOf(containersField, spec.containers, (container, path) => [
      ...validateCommon(container, pod, path),
      ...unique(container.name, path),
      ...validateLife(container, pod, path),
      ...validateRestartRules(container, path),
    ]),
    ...hostPortConflicts(spec.containers, containersField),
    ...eachOf(initField, spec.initContainers, (container, path) => [
      ...validateCommon(container, pod, path),
      ...validateRestartRules(container, path),
      ...unique(container.name, path),
      ...validateInit(container, pod, { field: path, list: initField }),
    ]),
    ...validateEphemeral(spec, pod, child(field, 'ephemeralContainers')),
  ];
}
