import { stringify } from 'yaml';
import type { KeyPair } from './certificates.js';

/** Where a cluster is, and whose certificates it shows. */
export interface ClusterAddress {
  readonly serverUrl: string;
  readonly caPem: string;
}

export interface KubeconfigOptions extends KeyPair, ClusterAddress {
  readonly userName: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const clusterEntry = (name: string, { serverUrl, caPem }: ClusterAddress): object => ({
  name,
  cluster: { server: serverUrl, 'certificate-authority-data': base64(caPem) },
});

/** A kubeconfig that says where the cluster is and nothing of who asks, as clients that join one look for it. */
export const clusterOnlyKubeconfigText = (address: ClusterAddress): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    preferences: {},
    clusters: [clusterEntry('', address)],
    contexts: [],
    'current-context': '',
    users: [],
  });

/** A kubeconfig with one cluster, one user who has a client certificate, and one context. */
export const kubeconfigText = (options: KubeconfigOptions): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [clusterEntry('pintle', options)],
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
