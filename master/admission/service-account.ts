/**
 * ServiceAccount: every pod runs as an account of its namespace, with that account's image pull secrets and, unless it says no,
 * a projected token, the cluster's certificate and its namespace under the usual path.
 */
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/core/v1/types.js';
import { forbiddenRequest } from '../../api/meta/status-error.js';
import type { Random } from '../../machinery/clock/random.js';
import { isPods } from './admission.js';
import type { AdmissionPlugin, AdmissionReader } from './admission.js';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenSeconds = 3607;
const volumePrefix = 'kube-api-access-';
const mirrorAnnotation = 'kubernetes.io/config.mirror';
const pods = { group: '', plural: 'pods' };

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [
            { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
          ],
        },
      },
    ],
  },
});

const mountsToken = (container: Container): boolean =>
  (container.volumeMounts ?? []).some(({ mountPath }) => mountPath === tokenPath);

function mountToken(spec: PodSpec, random: Random): void {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const without = containers.filter((container) => !mountsToken(container));
  if (without.length === 0) return;
  const existing = (spec.volumes ?? []).find(({ name }) => name.startsWith(volumePrefix));
  const name = existing?.name ?? volumePrefix + random.nameSuffix(5);
  for (const container of without) {
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      { name, readOnly: true, mountPath: tokenPath },
    ];
  }
  if (existing === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function refuseMirror(pod: Pod): void {
  if ((pod.spec.serviceAccountName ?? '') !== '') {
    throw forbiddenRequest(
      pods,
      pod.metadata.name,
      'a mirror pod may not reference service accounts',
    );
  }
}

export const serviceAccountAdmission = (
  reader: AdmissionReader,
  random: Random,
): AdmissionPlugin => ({
  name: 'ServiceAccount',
  mutate: (attributes) => {
    if (attributes.operation !== 'CREATE' || !isPods(attributes)) return;
    const pod = attributes.object as Pod;
    const { spec } = pod;
    if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) {
      refuseMirror(pod);
      return;
    }
    if ((spec.serviceAccountName ?? '') === '') spec.serviceAccountName = 'default';
    const name = spec.serviceAccountName ?? 'default';
    // The older spelling of the same field, which clients still read.
    spec.serviceAccount = name;
    const { namespace } = attributes;
    const account = reader.find('', 'serviceaccounts', { namespace, name }) as
      ServiceAccount | undefined;
    if (account === undefined) {
      throw forbiddenRequest(
        pods,
        attributes.name,
        `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
      );
    }
    const automount =
      spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    if (automount) mountToken(spec, random);
    if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
      spec.imagePullSecrets = structuredClone(account.imagePullSecrets);
    }
  },
});
