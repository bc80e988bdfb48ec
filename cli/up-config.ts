/** The settings of `pintle up`: those of the master and of the agent that are not decided by their meeting on one machine. */
import * as rows from '../machinery/config/shared-rows.js';

/** The settings by name. */
export const upTable = {
  dataDir: rows.dataDir,
  listen: rows.listen,
  nodeName: rows.nodeName,
  nodeIp: rows.nodeIp,
  dockerHost: rows.dockerHost,
  podCidr: rows.podCidr,
  serviceCidr: rows.serviceCidr,
  clusterDns: rows.clusterDns,
  clusterDomain: rows.clusterDomain,
  agentPort: rows.agentPort,
  logFormat: rows.logFormat,
  logLevel: rows.logLevel,
};

export interface UpConfig {
  readonly dataDir: string;
  readonly listen: rows.ListenAddress;
  readonly nodeName: string | undefined;
  readonly nodeIp: string | undefined;
  readonly dockerHost: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDns: string;
  readonly clusterDomain: string;
  readonly agentPort: number;
  readonly logFormat: 'pretty' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}
