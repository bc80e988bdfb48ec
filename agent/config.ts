/** The settings of `pintle agent`, one table. */
import { z } from 'zod';
import * as rows from '../machinery/config/shared-rows.js';
import type { ConfigTable } from '../machinery/config/config.js';

export interface AgentConfig {
  /** The API server, `https://HOST:6443`. */
  readonly server: string;
  /** Needed until the agent has a certificate. */
  readonly token: string | undefined;
  readonly caHash: string | undefined;
  /** Whether the three above come from standard input. */
  readonly join: '-' | undefined;
  readonly dataDir: string;
  readonly nodeName: string | undefined;
  readonly nodeIp: string | undefined;
  readonly dockerHost: string;
  readonly agentPort: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDns: string;
  readonly clusterDomain: string;
  readonly logFormat: 'pretty' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export const agentTable: ConfigTable<AgentConfig> = {
  server: {
    flag: 'server',
    schema: z.url({ protocol: /^https$/, error: 'it must be a URL such as https://10.0.0.1:6443' }),
    placeholder: 'URL',
    help: 'The API server to join',
  },
  token: {
    flag: 'token',
    schema: z
      .string()
      .regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/, 'it must be a token as pintle token create prints it')
      .optional(),
    placeholder: 'TOKEN',
    help: 'Bootstrap token, needed to join the first time',
  },
  caHash: {
    flag: 'ca-hash',
    schema: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, 'it must be sha256: and 64 hexadecimal digits')
      .optional(),
    placeholder: 'sha256:HASH',
    help: 'Hash of the cluster authority’s public key, to know the server by when joining',
  },
  join: {
    flag: 'join',
    schema: z.literal('-', { error: 'it must be -, for standard input' }).optional(),
    placeholder: '-',
    help: 'Read server, token and hash from standard input, as pintle token create prints them',
  },
  dataDir: {
    ...rows.dataDir,
    default: '/var/lib/pintle/agent',
    help: 'Where the agent keeps credentials, volumes and addresses',
  },
  nodeName: rows.nodeName,
  nodeIp: rows.nodeIp,
  dockerHost: rows.dockerHost,
  agentPort: rows.agentPort,
  podCidr: rows.podCidr,
  serviceCidr: rows.serviceCidr,
  clusterDns: rows.clusterDns,
  clusterDomain: rows.clusterDomain,
  logFormat: rows.logFormat,
  logLevel: rows.logLevel,
};
