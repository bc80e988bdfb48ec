/** What is allowed in an Ingress. Called by the `ingresses` resource. */
import { isIPAddress, ipErrors } from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalidBecause,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from '../../validation/names.js';
import { validateReferenceParts } from './reference-validation.js';
import type { TypedLocalObjectReference } from '../../core/v1/types.js';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from './types.js';

/** Where the class of an Ingress stood before there was a field for it. */
export const ingressClassAnnotation = 'kubernetes.io/ingress.class';
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'] as const;
const refusedSequences = ['//', '/./', '/../', '%2f', '%2F'] as const;
const refusedEndings = ['/..', '/.'] as const;

const mustBeName = (field: string, host: string): FieldError[] =>
  isIPAddress(host) ? [invalid(field, host, 'must be a DNS name, not an IP address')] : [];

const hostErrors = (field: string, host: string): FieldError[] =>
  invalidBecause(
    field,
    host,
    host.includes('*') ? wildcardSubdomainErrors(host) : dns1123SubdomainErrors(host),
  );

function validateReference(reference: TypedLocalObjectReference, field: string): FieldError[] {
  const { apiGroup, kind = '', name = '' } = reference as Partial<TypedLocalObjectReference>;
  return validateReferenceParts(field, {
    group: apiGroup === undefined ? undefined : ['apiGroup', apiGroup],
    named: [
      ['kind', kind],
      ['name', name],
    ],
  });
}

function validateService(service: IngressServiceBackend, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const path = child(field, 'service', 'name');
  if (service.name === '') errors.push(required(path));
  else errors.push(...invalidBecause(path, service.name, dns1123LabelErrors(service.name)));
  const { name = '', number = 0 } = service.port ?? {};
  const port = child(field, 'service', 'port');
  if (name !== '' && number !== 0) {
    errors.push(invalid(field, '', 'cannot set both port name & port number'));
  } else if (name !== '')
    errors.push(...invalidBecause(child(port, 'name'), name, portNameErrors(name)));
  else if (number !== 0) {
    errors.push(...invalidBecause(child(port, 'number'), number, portNumberErrors(number)));
  } else errors.push(required(field, 'port name or number is required'));
  return errors;
}

function validateBackend({ resource, service }: IngressBackend, field: string): FieldError[] {
  if (resource !== undefined && service !== undefined) {
    return [invalid(field, '', 'cannot set both resource and service backends')];
  }
  if (resource !== undefined) return validateReference(resource, child(field, 'resource'));
  if (service !== undefined) return validateService(service, field);
  return [invalid(field, '', 'resource or service backend is required')];
}

function validatePathText({ path = '', pathType }: HTTPIngressPath, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const specific = pathType === 'ImplementationSpecific';
  if (!path.startsWith('/') && !(specific && path === '')) {
    errors.push(invalid(field, path, 'must be an absolute path'));
  }
  if (specific) return errors;
  for (const sequence of refusedSequences) {
    if (path.includes(sequence)) {
      errors.push(invalid(field, path, `must not contain '${sequence}'`));
    }
  }
  for (const ending of refusedEndings) {
    if (path.endsWith(ending)) errors.push(invalid(field, path, `cannot end with '${ending}'`));
  }
  return errors;
}

function validatePath(given: HTTPIngressPath, field: string): FieldError[] {
  const { pathType, backend } = given as Partial<HTTPIngressPath>;
  const typePath = child(field, 'pathType');
  if (pathType === undefined) return [required(typePath, 'pathType must be specified')];
  const errors = pathTypes.some((known) => known === pathType)
    ? validatePathText(given, child(field, 'path'))
    : [notSupported(typePath, pathType, pathTypes)];
  return [...errors, ...validateBackend(backend ?? {}, child(field, 'backend'))];
}

function validateRule({ host = '', http }: IngressRule, field: string): FieldError[] {
  const path = child(field, 'host');
  const errors = host === '' ? [] : [...mustBeName(path, host), ...hostErrors(path, host)];
  if (http === undefined) return errors;
  const paths = child(field, 'http', 'paths');
  if (http.paths.length === 0) errors.push(required(paths));
  return [...errors, ...http.paths.flatMap((item, at) => validatePath(item, index(paths, at)))];
}

function validateTls({ hosts = [], secretName = '' }: IngressTLS, field: string): FieldError[] {
  const path = child(field, 'secretName');
  return [
    ...hosts.flatMap((host, at) => hostErrors(index(child(field, 'hosts'), at), host)),
    ...(secretName === ''
      ? []
      : invalidBecause(path, secretName, dns1123SubdomainErrors(secretName))),
  ];
}

function validateSpec(spec: IngressSpec): FieldError[] {
  const { defaultBackend, ingressClassName, rules = [], tls = [] } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && defaultBackend === undefined) {
    const detail = 'either `defaultBackend` or `rules` must be specified';
    errors.push(invalid('spec', spec.rules, detail));
  }
  if (defaultBackend !== undefined) {
    errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend'));
  }
  errors.push(...rules.flatMap((rule, at) => validateRule(rule, index('spec.rules', at))));
  errors.push(...tls.flatMap((item, at) => validateTls(item, index('spec.tls', at))));
  if (ingressClassName !== undefined) {
    const wrong = dns1123SubdomainErrors(ingressClassName);
    errors.push(...invalidBecause('spec.ingressClassName', ingressClassName, wrong));
  }
  return errors;
}

/** Checks the spec. */
export const validateIngress = ({ spec }: Ingress): FieldError[] => validateSpec(spec);

/** Checks what only a new Ingress has to keep: the old annotation may not contradict the class. */
export function validateNewIngress({ metadata, spec }: Ingress): FieldError[] {
  const annotated = metadata.annotations?.[ingressClassAnnotation];
  const named = spec.ingressClassName;
  return annotated !== undefined && named !== undefined && annotated !== named
    ? [
        invalid(
          `annotations.${ingressClassAnnotation}`,
          annotated,
          'must match `ingressClassName` when both are specified',
        ),
      ]
    : [];
}

/** Checks the addresses of the load balancer. */
export function validateIngressStatus({ status }: Ingress): FieldError[] {
  return (status.loadBalancer?.ingress ?? []).flatMap(({ ip = '', hostname = '' }, at) => {
    const field = index('status.loadBalancer.ingress', at);
    const name = child(field, 'hostname');
    return [
      ...(ip === '' ? [] : invalidBecause(child(field, 'ip'), ip, ipErrors(ip))),
      ...(hostname === '' ? [] : invalidBecause(name, hostname, dns1123SubdomainErrors(hostname))),
      ...(hostname === '' ? [] : mustBeName(name, hostname)),
    ];
  });
}
