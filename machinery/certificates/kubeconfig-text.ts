import { stringify } from 'yaml';
import type { KeyPair } from './certificates.js';

export interface KubeconfigOptions extends KeyPair {
  readonly serverUrl: string;
  readonly caPem: string;
  readonly userName: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with one cluster, one user who has a client certificate, and one context. */
export const kubeconfigText = (options: KubeconfigOptions): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'pintle',
        cluster: {
          server: options.serverUrl,
          'certificate-authority-data': base64(options.caPem),
        },
      },
    ],
    users: [
      {
        name: options.userName,
        user: {
          'client-certificate-data': base64(options.certificatePem),
          'client-key-data': base64(options.keyPem),
        },
      },
    ],
    contexts: [{ name: 'pintle', context: { cluster: 'pintle', user: options.userName } }],
    'current-context': 'pintle',
  });
