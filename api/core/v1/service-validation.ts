/** What is allowed in a Service, and what may change of it. Called by the `services` resource. */
import {
  ipErrors,
  isIPAddress,
  parseCidr,
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
import { validateServiceAddresses } from './service-address-validation.js';
import {
  isExternallyAccessible,
  isHeadless,
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
const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone'] as const;
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

/** No two ports may share number and protocol, nor node port and protocol. */
function validateDistinctPorts(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const ports = new Set<string>();
  const nodePorts = new Set<string>();
  portsOf(spec).forEach(({ port, protocol = 'TCP', nodePort = 0 }, at) => {
    const field = index('spec.ports', at);
    if (nodePort !== 0 && spec.type === 'ClusterIP') {
      errors.push(
        forbidden(child(field, 'nodePort'), "may not be used when `type` is 'ClusterIP'"),
      );
    }
    if (nodePort !== 0) {
      const identity = `${protocol}/${String(nodePort)}`;
      if (nodePorts.has(identity)) errors.push(duplicate(child(field, 'nodePort'), nodePort));
      nodePorts.add(identity);
    }
    const identity = `${protocol}/${String(port)}`;
    if (ports.has(identity)) errors.push(duplicate(field, { port, protocol }));
    ports.add(identity);
  });
  return errors;
}

function validatePorts(spec: ServiceSpec): FieldError[] {
  const ports = portsOf(spec);
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') {
    return [required('spec.ports')];
  }
  const names = new Set<string>();
  return [
    ...ports.flatMap((port, at) =>
      validatePort(port, {
        requireName: ports.length > 1,
        names,
        field: index('spec.ports', at),
      }),
    ),
    ...validateDistinctPorts(spec),
  ];
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

function validateLoadBalancer(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const isLoadBalancer = spec.type === 'LoadBalancer';
  const ranges = spec.loadBalancerSourceRanges ?? [];
  // The capital letter is Kubernetes': the path is older than the field's spelling.
  const field = 'spec.LoadBalancerSourceRanges';
  if (ranges.length > 0 && !isLoadBalancer) errors.push(forbidden(field, onlyLoadBalancer));
  ranges.forEach((range) => {
    if (parseCidr(range.trim()) !== undefined) return;
    errors.push(
      invalid(field, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'),
    );
  });
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer) {
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer));
  }
  const { loadBalancerClass } = spec;
  if (loadBalancerClass !== undefined) {
    const path = 'spec.loadBalancerClass';
    if (!isLoadBalancer) errors.push(forbidden(path, onlyLoadBalancer));
    const details = qualifiedNameErrors(loadBalancerClass);
    errors.push(...details.map((detail) => invalid(path, loadBalancerClass, detail)));
  }
  return errors;
}

function validateTrafficPolicies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const external: string = spec.externalTrafficPolicy ?? '';
  const externalField = 'spec.externalTrafficPolicy';
  if (isExternallyAccessible(spec)) {
    if (external === '') errors.push(required(externalField));
    else if (!isOneOf(external, policies)) {
      // Kubernetes has called this both invalid and unsupported; older clients know the former.
      errors.push(
        invalid(externalField, external, 'ExternalTrafficPolicy must be empty, Cluster or Local'),
      );
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

function validateExternalIPs(spec: ServiceSpec): FieldError[] {
  return (spec.externalIPs ?? []).flatMap((ip, at) =>
    specialAddressErrors(ip).map((detail) => invalid(index('spec.externalIPs', at), ip, detail)),
  );
}

function validateType(spec: ServiceSpec): FieldError[] {
  const type: string = spec.type ?? '';
  if (type === '') return [required('spec.type')];
  return isOneOf(type, types) ? [] : [notSupported('spec.type', type, types)];
}

/** Checks a Service whose defaults are filled in; addresses may still be missing. */
export const validateService = ({ spec }: Service): FieldError[] => [
  ...validateByType(spec),
  ...validatePorts(spec),
  ...validateLabels(spec.selector, 'spec.selector'),
  ...validateAffinity(spec),
  ...validateExternalIPs(spec),
  ...validateType(spec),
  ...validateLoadBalancer(spec),
  ...validateTrafficPolicies(spec),
  ...(needsClusterIP(spec) ? validateServiceAddresses(spec) : []),
];

const once = 'may not change once set';

/** Checks what may not change: the first address, the first family, the load balancer's class. */
export function validateServiceUpdate({ spec }: Service, { spec: stored }: Service): FieldError[] {
  const errors: FieldError[] = [];
  if (needsClusterIP(spec) && needsClusterIP(stored)) {
    const [before = '', after = ''] = [stored.clusterIPs?.[0], spec.clusterIPs?.[0]];
    if (before !== '' && after === '') {
      errors.push(
        invalid('spec.clusterIPs[0]', spec.clusterIPs, 'primary clusterIP can not be unset'),
      );
    } else if (before !== '' && before !== after) {
      errors.push(invalid('spec.clusterIPs[0]', spec.clusterIPs, once));
    }
    const family = stored.ipFamilies?.[0];
    if (family !== undefined && spec.ipFamilies?.[0] !== family) {
      errors.push(invalid('spec.ipFamilies[0]', spec.ipFamilies, once));
    }
  }
  if (stored.type === 'LoadBalancer' && spec.type === 'LoadBalancer') {
    if (spec.loadBalancerClass !== stored.loadBalancerClass) {
      errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, once));
    }
  }
  return errors;
}

/** Checks the addresses of a load balancer that a controller writes into the status. */
export function validateServiceStatus(service: Service): FieldError[] {
  const field = 'status.loadBalancer.ingress';
  const given = serviceStatusOf(service).loadBalancer?.ingress ?? [];
  if (given.length > 0 && service.spec.type !== 'LoadBalancer') {
    return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return given.flatMap(({ ip = '', ipMode, hostname = '' }, at) => {
    const path = index(field, at);
    const modePath = child(path, 'ipMode');
    const errors = ip === '' ? [] : invalidBecause(child(path, 'ip'), ip, ipErrors(ip));
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
