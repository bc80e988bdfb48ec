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
} from '../../../validation/field-error.js';
import { dns1123LabelErrors, portNameErrors, portNumberErrors } from '../../../validation/names.js';
import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume } from '../types.js';
import { isRestartableInit } from './conditions.js';
import { validateEnv } from './validate-env.js';
import { validateLifecycle, validateProbes } from './validate-probe.js';
import { validateResources } from './validate-resources.js';
import { validateSecurityContext } from './validate-security.js';
import {
  descendingPath,
  eachOf,
  oneOf,
  requiredName,
  requiredOneOf,
  requiredText,
} from './validate-values.js';

/** What the checks of a container need to know of the pod around it. */
interface PodFacts {
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claimNames: ReadonlySet<string>;
  readonly graceSeconds: number;
  readonly os: string | undefined;
  readonly hostUsers: boolean;
}

const factsOf = (spec: PodSpec): PodFacts => ({
  volumes: new Map((spec.volumes ?? []).map((volume) => [volume.name, volume])),
  claimNames: new Set((spec.resourceClaims ?? []).map(({ name }) => name)),
  graceSeconds: spec.terminationGracePeriodSeconds ?? 0,
  os: spec.os?.name,
  hostUsers: spec.hostUsers ?? true,
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

type AnyContainer = Container | EphemeralContainer;

function validateMounts(container: AnyContainer, pod: PodFacts, field: string): FieldError[] {
  const devices = new Map(
    (container.volumeDevices ?? []).map(({ name, devicePath }) => [name, devicePath]),
  );
  const devicePaths = new Set(devices.values());
  const mountPaths = new Set<string>();
  return eachOf(child(field, 'volumeMounts'), container.volumeMounts, (mount, path) => {
    const errors = requiredText(child(path, 'name'), mount.name);
    const { mountPath = '', subPath = '', subPathExpr = '' } = mount as Partial<typeof mount>;
    if (!pod.volumes.has(mount.name)) errors.push(notFound(child(path, 'name'), mount.name));
    if (mountPath === '') errors.push(required(child(path, 'mountPath')));
    if (mountPaths.has(mountPath)) {
      errors.push(invalid(child(path, 'mountPath'), mountPath, 'must be unique'));
    }
    mountPaths.add(mountPath);
    if (devices.has(mount.name)) {
      const detail = 'must not already exist in volumeDevices';
      errors.push(invalid(child(path, 'name'), mount.name, detail));
    }
    if (devicePaths.has(mountPath)) {
      const detail = 'must not already exist as a path in volumeDevices';
      errors.push(invalid(child(path, 'mountPath'), mountPath, detail));
    }
    if (subPath !== '') errors.push(...descendingPath(child(path, 'subPath'), subPath));
    if (subPathExpr !== '') {
      const exprPath = child(path, 'subPathExpr');
      if (subPath !== '') {
        const detail = 'subPathExpr and subPath are mutually exclusive';
        errors.push(invalid(exprPath, subPathExpr, detail));
      }
      errors.push(...descendingPath(exprPath, subPathExpr));
    }
    return [...errors, ...validatePropagation(mount, container, path)];
  });
}

function validatePropagation(
  mount: NonNullable<Container['volumeMounts']>[number],
  container: AnyContainer,
  field: string,
): FieldError[] {
  const { mountPropagation: propagation, recursiveReadOnly: recursive, readOnly } = mount;
  const errors: FieldError[] = [];
  const path = child(field, 'mountPropagation');
  errors.push(...oneOf(path, propagation, ['Bidirectional', 'HostToContainer', 'None']));
  if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
    errors.push(
      forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'),
    );
  }
  const recursivePath = child(field, 'recursiveReadOnly');
  errors.push(...oneOf(recursivePath, recursive, ['Disabled', 'Enabled', 'IfPossible']));
  if (recursive === 'Enabled' || recursive === 'IfPossible') {
    if (readOnly !== true) {
      errors.push(forbidden(recursivePath, 'may only be specified when readOnly is true'));
    }
    if (propagation !== undefined && propagation !== 'None') {
      errors.push(
        forbidden(
          recursivePath,
          'may only be specified when mountPropagation is None or not specified',
        ),
      );
    }
  }
  return errors;
}

function validateDevices(container: AnyContainer, pod: PodFacts, field: string): FieldError[] {
  if (container.volumeDevices === undefined) return [];
  const names = new Set<string>();
  const paths = new Set<string>();
  return eachOf(child(field, 'volumeDevices'), container.volumeDevices, (device, path) => {
    const { name, devicePath } = device;
    const errors = requiredText(child(path, 'name'), name);
    if (names.has(name)) errors.push(invalid(child(path, 'name'), name, 'must be unique'));
    const volume = pod.volumes.get(name);
    if (volume === undefined) errors.push(notFound(child(path, 'name'), name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const detail =
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalid(child(path, 'name'), name, detail));
    }
    const pathField = child(path, 'devicePath');
    errors.push(...requiredText(pathField, devicePath));
    if (devicePath !== '' && paths.has(devicePath)) {
      errors.push(invalid(pathField, devicePath, 'must be unique'));
    }
    if (devicePath.split('/').includes('..')) {
      errors.push(invalid(pathField, devicePath, "can not contain backsteps ('..')"));
    }
    names.add(name);
    paths.add(devicePath);
    return errors;
  });
}

function validateRestartRules(container: Container, field: string): FieldError[] {
  const rules = container.restartPolicyRules ?? [];
  const errors = oneOf(child(field, 'restartPolicy'), container.restartPolicy, [
    'Always',
    'Never',
    'OnFailure',
  ]);
  if (rules.length > 0 && container.restartPolicy === undefined) {
    errors.push(
      required(
        child(field, 'restartPolicy'),
        'must specify restartPolicy when restart rules are used',
      ),
    );
  }
  return [
    ...errors,
    ...eachOf(child(field, 'restartPolicyRules'), rules, ({ action, exitCodes }, path) => {
      const actions = ['Restart', 'RestartAllContainers'];
      const ruleErrors = requiredOneOf(child(path, 'action'), action, actions);
      const codesPath = child(path, 'exitCodes');
      if (exitCodes === undefined) return [...ruleErrors, required(codesPath, 'must be specified')];
      return [
        ...ruleErrors,
        ...requiredOneOf(child(codesPath, 'operator'), exitCodes.operator, ['In', 'NotIn']),
        ...((exitCodes.values ?? []).length === 0
          ? [required(child(codesPath, 'values'), 'must not be empty')]
          : []),
      ];
    }),
  ];
}

/** What holds for containers of every sort. */
function validateCommon(container: AnyContainer, pod: PodFacts, field: string): FieldError[] {
  const { name, image = '', terminationMessagePolicy: policy = '' } = container;
  const errors = requiredName(child(field, 'name'), name, dns1123LabelErrors);
  if (image === '') errors.push(required(child(field, 'image')));
  else if (image !== image.trim()) {
    const detail = 'must not have leading or trailing whitespace';
    errors.push(invalid(child(field, 'image'), image, detail));
  }
  if (policy !== '' && policy !== 'File' && policy !== 'FallbackToLogsOnError') {
    errors.push(
      invalid(
        child(field, 'terminationMessagePolicy'),
        policy,
        "must be 'File' or 'FallbackToLogsOnError'",
      ),
    );
  }
  const resizePolicies = eachOf(
    child(field, 'resizePolicy'),
    container.resizePolicy,
    ({ resourceName, restartPolicy }, path) => [
      ...requiredOneOf(child(path, 'resourceName'), resourceName, ['cpu', 'memory']),
      ...requiredOneOf(child(path, 'restartPolicy'), restartPolicy, [
        'NotRequired',
        'RestartContainer',
      ]),
    ],
  );
  return [
    ...errors,
    ...validatePorts(container.ports, child(field, 'ports')),
    ...validateEnv(container, field),
    ...validateMounts(container, pod, field),
    ...validateDevices(container, pod, field),
    ...requiredOneOf(child(field, 'imagePullPolicy'), container.imagePullPolicy, [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
    ...validateResources(container.resources, child(field, 'resources'), pod.claimNames),
    ...resizePolicies,
    ...validateSecurityContext(
      container.securityContext,
      child(field, 'securityContext'),
      pod.hostUsers,
    ),
  ];
}

/** Containers on one node cannot share a port of it; reported where the second one asks for it. */
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

function validateApp(container: Container, pod: PodFacts, field: string): FieldError[] {
  return [
    ...validateCommon(container, pod, field),
    ...validateLifecycle(container.lifecycle, child(field, 'lifecycle'), pod),
    ...validateProbes(container, field, pod.graceSeconds),
    ...validateRestartRules(container, field),
  ];
}

const appOnly = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function validateInit(container: Container, pod: PodFacts, field: string): FieldError[] {
  if (isRestartableInit(container)) return validateApp(container, pod, field);
  const refused = appOnly.filter((name) => container[name] !== undefined);
  const detail = 'may not be set for init containers without restartPolicy=Always';
  return [
    ...validateCommon(container, pod, field),
    ...refused.map((name) => forbidden(child(field, name), detail)),
    ...validateRestartRules(container, field),
  ];
}

const neverEphemeral = [
  'ports',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
] as const;

function validateEphemeral(spec: PodSpec, pod: PodFacts, field: string): FieldError[] {
  if (spec.ephemeralContainers === undefined) return [];
  const others = [...spec.containers, ...(spec.initContainers ?? [])];
  const taken = new Set(others.map(({ name }) => name));
  const targets = new Set(taken);
  return eachOf(field, spec.ephemeralContainers, (container, path) => {
    const errors = validateCommon(container, pod, path);
    if (taken.has(container.name)) errors.push(duplicate(child(path, 'name'), container.name));
    taken.add(container.name);
    const target = container.targetContainerName ?? '';
    if (target !== '' && !targets.has(target)) {
      errors.push(notFound(child(path, 'targetContainerName'), target));
    }
    for (const name of neverEphemeral) {
      if (container[name] === undefined) continue;
      errors.push(forbidden(child(path, name), 'cannot be set for an Ephemeral Container'));
    }
    if (Object.keys(container.resources ?? {}).length > 0) {
      errors.push(forbidden(child(path, 'resources'), 'cannot be set for an Ephemeral Container'));
    }
    (container.volumeMounts ?? []).forEach((mount, position) => {
      const mountPath = index(child(path, 'volumeMounts'), position);
      const detail = 'cannot be set for an Ephemeral Container';
      if ((mount.subPath ?? '') !== '') errors.push(forbidden(child(mountPath, 'subPath'), detail));
      if ((mount.subPathExpr ?? '') !== '') {
        errors.push(forbidden(child(mountPath, 'subPathExpr'), detail));
      }
    });
    return errors;
  });
}

/** Checks all containers of a pod; `field` is the path of the spec. */
export function validateContainers(spec: PodSpec, field: string): FieldError[] {
  const pod = factsOf(spec);
  const containersField = child(field, 'containers');
  const initField = child(field, 'initContainers');
  if (spec.containers.length === 0) return [required(containersField)];
  const names = new Set<string>();
  const unique = (name: string, path: string): FieldError[] => {
    if (names.has(name)) return [duplicate(child(path, 'name'), name)];
    if (name !== '') names.add(name);
    return [];
  };
  return [
    ...eachOf(containersField, spec.containers, (container, path) => [
      ...validateApp(container, pod, path),
      ...unique(container.name, path),
    ]),
    ...hostPortConflicts(spec.containers, containersField),
    ...eachOf(initField, spec.initContainers, (container, path) => [
      ...validateInit(container, pod, path),
      ...unique(container.name, path),
    ]),
    ...validateEphemeral(spec, pod, child(field, 'ephemeralContainers')),
  ];
}
