/** What is allowed in a Service, and what may change of it. Called by the `services` resource. */
import {
  isIPAddress,
  legacyCidrErrors,
  legacyIPErrors,
  specialAddressErrors,
} from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  invalidBecause,
  key,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { validateLabels } from '../../validation/labels.js';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  portNameErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from '../../validation/names.js';
import { eachOf } from './pod/validate-values.js';
import {
  validateServiceAddresses,
  validateServiceAddressesUpdate,
} from './service-address-validation.js';
import {
  hintsAnnotation,
  isExternallyAccessible,
  isHeadless,
  modeAnnotation,
  needsClusterIP,
  needsHealthCheckPort,
  portsOf,
  serviceStatusOf,
} from './service-facts.js';
import type { Service, ServicePort, ServiceSpec } from './types.js';

const addressModes = ['Proxy', 'VIP'] as const;
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'] as const;
const protocols = ['SCTP', 'TCP', 'UDP'] as const;
const affinities = ['ClientIP', 'None'] as const;
const policies = ['Cluster', 'Local'] as const;
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'] as const;
const maxAffinitySeconds = 86_400;
const agentPort = 10_250;
const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'";

const isOneOf = (value: string, known: readonly string[]): boolean => known.includes(value);

function validateByType(spec: ServiceSpec): FieldError[] {
  switch (spec.type) {
    case 'LoadBalancer':
      return [
        ...portsOf(spec).flatMap(({ port }, at) =>
          port === agentPort
            ? [
                invalid(
                  child(index('spec.ports', at), 'port'),
                  port,
                  'may not expose port 10250 externally since it is used by kubelet',
                ),
              ]
            : [],
        ),
        ...noHeadless(spec),
      ];
    case 'NodePort':
      return noHeadless(spec);
    case 'ExternalName':
      return validateExternalName(spec);
    default:
      return [];
  }
}

const noHeadless = (spec: ServiceSpec): FieldError[] =>
  isHeadless(spec)
    ? [
        invalid(
          'spec.clusterIPs[0]',
          'None',
          `may not be set to 'None' for ${spec.type ?? ''} services`,
        ),
      ]
    : [];

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = 'may not be set for ExternalName services';
  if ((spec.clusterIPs ?? []).length > 0 || (spec.clusterIP ?? '') !== '') {
    errors.push(forbidden('spec.clusterIPs', refuse));
  }
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden('spec.ipFamilies', refuse));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', refuse));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(required('spec.externalName'));
  else {
    const details = dns1123SubdomainErrors(name);
    errors.push(...details.map((detail) => invalid('spec.externalName', name, detail)));
  }
  return errors;
}

interface PortRules {
  readonly requireName: boolean;
  readonly names: Set<string>;
  readonly field: string;
}

function validatePort(
  servicePort: ServicePort,
  { requireName, names, field }: PortRules,
): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', port = 0, protocol = '', targetPort } = servicePort as Partial<ServicePort>;
  if (requireName && name === '') errors.push(required(child(field, 'name')));
  else if (name !== '') {
    const path = child(field, 'name');
    errors.push(...dns1123LabelErrors(name).map((detail) => invalid(path, name, detail)));
    if (names.has(name)) errors.push(duplicate(path, name));
    names.add(name);
  }
  const details = portNumberErrors(port);
  errors.push(...details.map((detail) => invalid(child(field, 'port'), port, detail)));
  if (protocol === '') errors.push(required(child(field, 'protocol')));
  else if (!isOneOf(protocol, protocols)) {
    errors.push(notSupported(child(field, 'protocol'), protocol, protocols));
  }
  const target =
    typeof targetPort === 'string' ? portNameErrors(targetPort) : portNumberErrors(targetPort ?? 0);
  errors.push(...target.map((detail) => invalid(child(field, 'targetPort'), targetPort, detail)));
  const { appProtocol } = servicePort;
  if (appProtocol !== undefined) {
    const wrong = qualifiedNameErrors(appProtocol);
    const path = child(field, 'appProtocol');
    errors.push(...wrong.map((detail) => invalid(path, appProtocol, detail)));
  }
  return errors;
}

/** A port as Kubernetes shows one that stands there already: by what makes it the same, in the names it has inside. */
const shownPort = ({ port, protocol }: ServicePort): object => ({
  Name: '',
  Protocol: protocol ?? '',
  AppProtocol: null,
  Port: port,
  TargetPort: 0,
  NodePort: 0,
});

/** No two ports may share number and protocol, nor node port and protocol. */
function validateDistinctPorts(spec: ServiceSpec): FieldError[] {
  const ports = portsOf(spec);
  const taken = new Set<string>();
  const isTaken = (identity: string): boolean => {
    const before = taken.size;
    return taken.add(identity).size === before;
  };
  const nodePorts = eachOf('spec.ports', ports, ({ nodePort = 0, protocol = '' }, field) =>
    nodePort !== 0 && isTaken(`node/${protocol}/${String(nodePort)}`)
      ? [duplicate(child(field, 'nodePort'), nodePort)]
      : [],
  );
  return [
    ...(spec.type === 'ClusterIP'
      ? eachOf('spec.ports', ports, ({ nodePort = 0 }, field) =>
          nodePort === 0
            ? []
            : [forbidden(child(field, 'nodePort'), "may not be used when `type` is 'ClusterIP'")],
        )
      : []),
    ...nodePorts,
    ...eachOf('spec.ports', ports, (port, field) =>
      isTaken(`${port.protocol ?? ''}/${String(port.port)}`)
        ? [duplicate(field, shownPort(port))]
        : [],
    ),
  ];
}

const needsPorts = (spec: ServiceSpec): boolean =>
  portsOf(spec).length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName';

function validatePorts(spec: ServiceSpec): FieldError[] {
  const ports = portsOf(spec);
  const names = new Set<string>();
  return eachOf('spec.ports', ports, (port, field) =>
    validatePort(port, { requireName: ports.length > 1, names, field }),
  );
}

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const { sessionAffinity = '', sessionAffinityConfig } = spec as Omit<
    ServiceSpec,
    'sessionAffinity'
  > & { sessionAffinity?: string };
  if (sessionAffinity === '') return [required('spec.sessionAffinity')];
  if (!isOneOf(sessionAffinity, affinities)) {
    return [notSupported('spec.sessionAffinity', sessionAffinity, affinities)];
  }
  if (sessionAffinity === 'None') {
    return sessionAffinityConfig === undefined
      ? []
      : [forbidden('spec.sessionAffinityConfig', 'must not be set when session affinity is None')];
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  const field = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
  if (seconds === undefined) return [required(field, 'when session affinity type is ClientIP')];
  return seconds > 0 && seconds <= maxAffinitySeconds
    ? []
    : [
        invalid(
          field,
          seconds,
          `must be greater than 0 and less than ${String(maxAffinitySeconds)}`,
        ),
      ];
}

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Ranges may be written in an annotation instead, apart from each other by commas. */
function validateSourceRanges({ metadata, spec }: Service, stored?: Service): FieldError[] {
  // The capital letter is Kubernetes': the path is older than the field's spelling.
  const field = 'spec.LoadBalancerSourceRanges';
  const refused = (path: string): FieldError[] =>
    spec.type === 'LoadBalancer' ? [] : [forbidden(path, onlyLoadBalancer)];
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) {
    const known = (stored?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim());
    return [
      ...refused(field),
      ...eachOf(field, ranges, (range, path) =>
        invalidBecause(path, range.trim(), legacyCidrErrors(range.trim(), known)),
      ),
    ];
  }
  const written = metadata.annotations?.[rangesAnnotation];
  if (written === undefined) return [];
  const path = key('metadata.annotations', rangesAnnotation);
  const isKnown = stored?.metadata.annotations?.[rangesAnnotation] === written;
  return [
    ...refused(path),
    ...(isKnown || written.trim() === '' ? [] : written.split(',')).flatMap((range) =>
      invalidBecause(path, range.trim(), legacyCidrErrors(range.trim())),
    ),
  ];
}

function validateLoadBalancer(spec: ServiceSpec): FieldError[] {
  const isLoadBalancer = spec.type === 'LoadBalancer';
  const { loadBalancerClass } = spec;
  return [
    ...(spec.allocateLoadBalancerNodePorts === undefined || isLoadBalancer
      ? []
      : [forbidden('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer)]),
    ...(loadBalancerClass === undefined
      ? []
      : isLoadBalancer
        ? invalidBecause(
            'spec.loadBalancerClass',
            loadBalancerClass,
            qualifiedNameErrors(loadBalancerClass),
          )
        : [forbidden('spec.loadBalancerClass', onlyLoadBalancer)]),
  ];
}

function validateTrafficPolicies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const external: string = spec.externalTrafficPolicy ?? '';
  const externalField = 'spec.externalTrafficPolicy';
  if (isExternallyAccessible(spec)) {
    if (external === '') errors.push(required(externalField));
    else if (!isOneOf(external, policies)) {
      errors.push(notSupported(externalField, external, policies));
    }
  } else if (external !== '') {
    errors.push(
      invalid(externalField, external, 'may only be set for externally-accessible services'),
    );
  }
  const healthPort = spec.healthCheckNodePort ?? 0;
  if (healthPort !== 0) {
    const details = needsHealthCheckPort(spec)
      ? portNumberErrors(healthPort)
      : ["may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"];
    errors.push(
      ...details.map((detail) => invalid('spec.healthCheckNodePort', healthPort, detail)),
    );
  }
  const internal: string = spec.internalTrafficPolicy ?? '';
  if (internal === '' && needsClusterIP(spec)) errors.push(required('spec.internalTrafficPolicy'));
  else if (internal !== '' && !isOneOf(internal, policies)) {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, policies));
  }
  const distribution = spec.trafficDistribution;
  if (distribution !== undefined && !isOneOf(distribution, distributions)) {
    errors.push(notSupported('spec.trafficDistribution', distribution, distributions));
  }
  return errors;
}

function validateExternalIPs(spec: ServiceSpec, stored?: ServiceSpec): FieldError[] {
  return eachOf('spec.externalIPs', spec.externalIPs, (ip, field) => {
    const malformed = legacyIPErrors(ip, stored?.externalIPs);
    return invalidBecause(field, ip, malformed.length > 0 ? malformed : specialAddressErrors(ip));
  });
}

function validateType(spec: ServiceSpec): FieldError[] {
  const type: string = spec.type ?? '';
  if (type === '') return [required('spec.type')];
  return isOneOf(type, types) ? [] : [notSupported('spec.type', type, types)];
}

/** The old and the new annotation about routing close by may not contradict each other. */
function validateTopology({ metadata: { annotations } }: Service): FieldError[] {
  const [old, mode] = [annotations?.[hintsAnnotation], annotations?.[modeAnnotation]];
  return old === undefined || mode === undefined || old === mode
    ? []
    : [
        invalid(
          key('metadata.annotations', modeAnnotation),
          mode,
          `must match annotations[${hintsAnnotation}] when both are specified`,
        ),
      ];
}

/** Checks a Service whose defaults are filled in; addresses may still be missing. */
export const validateService = (service: Service, stored?: Service): FieldError[] => {
  const { spec } = service;
  return [
    ...validateTopology(service),
    ...(needsPorts(spec) ? [required('spec.ports')] : []),
    ...validateByType(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...(needsClusterIP(spec) ? validateServiceAddresses(spec, stored?.spec) : []),
    ...validateExternalIPs(spec, stored?.spec),
    ...validateType(spec),
    ...validateDistinctPorts(spec),
    ...validateSourceRanges(service, stored),
    ...validateLoadBalancer(spec),
    ...validateTrafficPolicies(spec),
  ];
};

const once = 'may not change once set';

/** Checks what may not change: addresses and families but for a second one, the load balancer's class, the health check's port. */
export function validateServiceUpdate({ spec }: Service, { spec: stored }: Service): FieldError[] {
  const errors = validateServiceAddressesUpdate(spec, stored);
  if (stored.type === 'LoadBalancer' && spec.type === 'LoadBalancer') {
    if (spec.loadBalancerClass !== stored.loadBalancerClass) {
      errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, once));
    }
  }
  const isChecked = needsHealthCheckPort(stored) && needsHealthCheckPort(spec);
  if (isChecked && (spec.healthCheckNodePort ?? 0) !== (stored.healthCheckNodePort ?? 0)) {
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  return errors;
}

/** Checks the addresses of a load balancer that a controller writes into the status. */
export function validateServiceStatus(service: Service, stored?: Service): FieldError[] {
  const field = 'status.loadBalancer.ingress';
  const given = serviceStatusOf(service).loadBalancer?.ingress ?? [];
  if (given.length > 0 && service.spec.type !== 'LoadBalancer') {
    return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const before = stored === undefined ? {} : serviceStatusOf(stored);
  const known = (before.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
  return given.flatMap(({ ip = '', ipMode, hostname = '' }, at) => {
    const path = index(field, at);
    const modePath = child(path, 'ipMode');
    const errors =
      ip === '' ? [] : invalidBecause(child(path, 'ip'), ip, legacyIPErrors(ip, known));
    if (ipMode === undefined) {
      if (ip !== '') errors.push(required(modePath, 'must be specified when `ip` is set'));
    } else if (ip === '') {
      errors.push(forbidden(modePath, 'may not be specified when `ip` is not set'));
    } else if (!addressModes.some((mode) => mode === ipMode)) {
      errors.push(notSupported(modePath, ipMode, addressModes));
    }
    return hostname === ''
      ? errors
      : [...errors, ...hostNameErrors(child(path, 'hostname'), hostname)];
  });
}

const hostNameErrors = (field: string, host: string): FieldError[] => [
  ...invalidBecause(field, host, dns1123SubdomainErrors(host)),
  ...(isIPAddress(host) ? [invalid(field, host, 'must be a DNS name, not an IP address')] : []),
];
