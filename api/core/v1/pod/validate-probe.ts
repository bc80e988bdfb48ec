/** Checks of probes and lifecycle hooks, with Kubernetes' texts. Called by `validate-container.ts`. */
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  forbidden,
  invalid,
  required,
  invalidBecause,
} from '../../../validation/field-error.js';
import { httpHeaderNameErrors, portNumberErrors } from '../../../validation/names.js';
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../types.js';
import { signalNames } from './signals.js';
import { anyOf, exactlyOne, portErrors, requiredText } from './validate-values.js';
import { nonNegative } from '../../../validation/numbers.js';

function validateHttpGet(action: HTTPGetAction, field: string): FieldError[] {
  return [
    ...requiredText(child(field, 'path'), action.path),
    ...portErrors(child(field, 'port'), action.port),
    ...anyOf(child(field, 'scheme'), action.scheme, ['HTTP', 'HTTPS']),
    ...(action.httpHeaders ?? []).flatMap(({ name }) =>
      invalidBecause(child(field, 'httpHeaders'), name, httpHeaderNameErrors(name)),
    ),
  ];
}

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> &
  Pick<LifecycleHandler, 'sleep'>;

const handlerNames = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateAction(
  handler: Handler,
  name: (typeof handlerNames)[number] | undefined,
  field: string,
  graceSeconds: number,
): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (name === 'exec' && (exec?.command ?? []).length === 0) {
    return [required(child(field, 'exec', 'command'))];
  }
  if (name === 'httpGet' && httpGet !== undefined) {
    return validateHttpGet(httpGet, child(field, 'httpGet'));
  }
  if (name === 'tcpSocket') {
    const port = tcpSocket?.port;
    return portErrors(child(field, 'tcpSocket', 'port'), port);
  }
  if (name === 'grpc') {
    const port = grpc?.port ?? 0;
    return invalidBecause(child(field, 'grpc', 'port'), port, portNumberErrors(port));
  }
  if (name === 'sleep' && sleep !== undefined) {
    return sleep.seconds >= 0 && sleep.seconds <= graceSeconds
      ? []
      : [
          invalid(
            child(field, 'sleep'),
            sleep.seconds,
            `must be non-negative and less than terminationGracePeriodSeconds (${String(graceSeconds)})`,
          ),
        ];
  }
  return [];
}

function validateHandler(handler: Handler, field: string, graceSeconds: number): FieldError[] {
  const present = handlerNames.filter((name) => handler[name] !== undefined);
  return [
    ...validateAction(handler, present[0], field, graceSeconds),
    ...exactlyOne(
      field,
      present,
      {
        none: 'must specify a handler type',
        several: 'may not specify more than 1 handler type',
      },
      forbidden,
    ),
  ];
}

function validateProbe(
  probe: Probe | undefined,
  field: string,
  graceSeconds: number,
): FieldError[] {
  if (probe === undefined) return [];
  const errors = validateHandler(probe, field, graceSeconds);
  for (const name of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.push(...nonNegative(probe[name], child(field, name)));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    const path = child(field, 'terminationGracePeriodSeconds');
    errors.push(invalid(path, grace, 'must be greater than 0'));
  }
  return errors;
}

/** One success has to be enough where failing has consequences. */
const onlyOneSuccess = (probe: Probe | undefined, field: string): FieldError[] =>
  probe?.successThreshold === undefined || probe.successThreshold === 1
    ? []
    : [invalid(child(field, 'successThreshold'), probe.successThreshold, 'must be 1')];

/** Checks a container's three probes. */
export function validateProbes(
  container: Container,
  field: string,
  graceSeconds: number,
): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  const [liveness, readiness, startup] = [
    child(field, 'livenessProbe'),
    child(field, 'readinessProbe'),
    child(field, 'startupProbe'),
  ];
  const errors = [
    ...validateProbe(livenessProbe, liveness, graceSeconds),
    ...onlyOneSuccess(livenessProbe, liveness),
    ...validateProbe(readinessProbe, readiness, graceSeconds),
  ];
  const grace = readinessProbe?.terminationGracePeriodSeconds;
  if (grace !== undefined) {
    const path = child(readiness, 'terminationGracePeriodSeconds');
    errors.push(invalid(path, grace, 'must not be set for readinessProbes'));
  }
  return [
    ...errors,
    ...validateProbe(startupProbe, startup, graceSeconds),
    ...onlyOneSuccess(startupProbe, startup),
  ];
}

const stopSignals: Readonly<Record<string, readonly string[]>> = {
  linux: [...signalNames].sort(),
  windows: ['SIGKILL', 'SIGTERM'],
};

function validateStopSignal(signal: string, field: string, os: string | undefined): FieldError[] {
  if (os === undefined) {
    return [forbidden(field, 'may not be set for containers with empty `spec.os.name`')];
  }
  const allowed = stopSignals[os];
  return allowed === undefined ? [] : anyOf(field, signal, allowed);
}

/** Checks a container's hooks. A stop signal needs to know the operating system it is meant for. */
export function validateLifecycle(
  lifecycle: Lifecycle | undefined,
  field: string,
  pod: { readonly graceSeconds: number; readonly os: string | undefined },
): FieldError[] {
  if (lifecycle === undefined) return [];
  const { postStart, preStop, stopSignal } = lifecycle;
  const errors: FieldError[] = [];
  if (postStart !== undefined) {
    errors.push(...validateHandler(postStart, child(field, 'postStart'), pod.graceSeconds));
  }
  if (preStop !== undefined) {
    errors.push(...validateHandler(preStop, child(field, 'preStop'), pod.graceSeconds));
  }
  if (stopSignal !== undefined) {
    errors.push(...validateStopSignal(stopSignal, child(field, 'stopSignal'), pod.os));
  }
  return errors;
}
