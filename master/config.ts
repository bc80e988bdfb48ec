/** The settings of `pintle master`, one table. */
import { z } from 'zod';
import { admissionTable, type AdmissionConfig } from './admission-rows.js';
import { auditTable, type AuditConfig } from './audit-rows.js';
import { fairnessTable, type FairnessConfig } from './fairness-rows.js';
import { authorizationTable, type AuthorizationConfig } from './authorization-rows.js';
import { authenticationTable, type AuthenticationConfig } from './authentication-rows.js';
import { controllerNames, isControllerName } from './controller-names.js';
import type { ControllerName } from './controller-names.js';
import { servingTable, type ServingConfig } from './runtime-config.js';
import * as rows from '../machinery/config/shared-rows.js';
import type { ConfigTable } from '../machinery/config/config.js';

export interface MasterConfig
  extends
    Partial<AuthenticationConfig>,
    Partial<AuthorizationConfig>,
    Partial<AdmissionConfig>,
    Partial<AuditConfig>,
    Partial<FairnessConfig>,
    Partial<ServingConfig> {
  readonly dataDir: string;
  readonly listen: rows.ListenAddress;
  /** The address clients and agents reach this machine at. */
  readonly nodeIp: string | undefined;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
  readonly store: 'lmdb' | 'memory';
  /** How long certificates are valid, the master's own and those it signs. */
  readonly clusterSigningDurationMs: number | undefined;
  /** Controllers that are not to run. */
  readonly disableControllers?: readonly ControllerName[];
  readonly logFormat: 'pretty' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const disabledControllers = z.string().transform((text, context): readonly ControllerName[] => {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !isControllerName(name));
  if (unknown === undefined) return names.filter(isControllerName);
  context.addIssue(`${unknown} is no controller; there are ${controllerNames.join(', ')}`);
  return z.NEVER;
});

export const masterTable: ConfigTable<
  MasterConfig &
    AuthenticationConfig &
    AuthorizationConfig &
    AdmissionConfig &
    AuditConfig &
    FairnessConfig &
    ServingConfig
> = {
  dataDir: rows.dataDir,
  listen: rows.listen,
  nodeIp: rows.nodeIp,
  podCidr: rows.podCidr,
  serviceCidr: rows.serviceCidr,
  clusterDomain: rows.clusterDomain,
  store: {
    flag: 'store',
    schema: z.enum(['lmdb', 'memory'], 'it must be lmdb or memory'),
    default: 'lmdb',
    placeholder: 'lmdb|memory',
    help: 'Where objects are kept: lmdb is durable, memory forgets everything at the end',
  },
  clusterSigningDurationMs: {
    flag: 'cluster-signing-duration',
    schema: rows.durationMs.optional(),
    defaultText: '8760h',
    placeholder: 'DURATION',
    help: 'How long certificates are valid, the master’s own and those it signs; they are renewed long before',
  },
  disableControllers: {
    flag: 'disable-controllers',
    schema: disabledControllers,
    default: [],
    placeholder: 'NAME,NAME',
    help: 'Controllers that should not run, by the names of their folders, such as deployment',
  },
  ...servingTable,
  ...authenticationTable,
  ...authorizationTable,
  ...admissionTable,
  ...auditTable,
  ...fairnessTable,
  logFormat: rows.logFormat,
  logLevel: rows.logLevel,
};
