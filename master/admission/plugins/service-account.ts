/**
 * ServiceAccount: every pod runs as an account of its namespace, with that account's image pull secrets and, unless it says no,
 * a projected token, the cluster's certificate and its namespace under the usual path. An account may say that its pods use
 * no secrets but those it names.
 */
import type {
  Container,
  Pod,
  PodSpec,
  ProjectedVolumeSource,
  ServiceAccount,
  Volume,
} from '../../../api/core/v1/types.js';
import type { StatusError } from '../../../api/meta/status-error.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { Random } from '../../../machinery/clock/random.js';
import type {
  Admitting,
  AdmissionAttributes,
  AdmissionPlugin,
  AdmissionReader,
} from '../admission.js';
import { defaultAccountPollMs, defaultAccountWaitMs } from '../limits.js';
import { refusal } from '../refusals.js';
import { anyOf, concernsPodPart, concernsPods } from '../sorts.js';
import { refuseForeignSecrets } from './mountable-secrets.js';
import { apiReferenceOf } from '../../../api/core/v1/pod/api-references.js';
import { isMirrorPod } from '../../../api/core/v1/pod/mirror-pod.js';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenSeconds = 3607;
const volumePrefix = 'kube-api-access-';
const enforceAnnotation = 'kubernetes.io/enforce-mountable-secrets';
/** All the ways Kubernetes lets an annotation say yes. */
const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

/** All pods share it, which would take a fifth of the memory of each otherwise. Nobody changes what admission gave a pod. */
const tokenFiles: ProjectedVolumeSource = {
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
};

const mountsToken = (container: Container): boolean =>
  (container.volumeMounts ?? []).some(({ mountPath }) => mountPath === tokenPath);

function mountToken(spec: PodSpec, random: Random): void {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const without = containers.filter((container) => !mountsToken(container));
  if (without.length === 0) return;
  const existing = (spec.volumes ?? []).find(({ name }) => name.startsWith(volumePrefix));
  const name = existing?.name ?? volumePrefix + random.nameSuffix(5);
  for (const container of without) {
    const mount = { name, readOnly: true, mountPath: tokenPath };
    container.volumeMounts = (container.volumeMounts ?? []).concat(mount);
  }
  if (existing !== undefined) return;
  const volume: Volume = { name, projected: tokenFiles };
  spec.volumes = (spec.volumes ?? []).concat(volume);
}

/** A mirror pod shows what a node runs on its own; it may not reach for anything of the cluster. */
function checkMirror(attributes: AdmissionAttributes): void {
  const reference = apiReferenceOf((attributes.object as Pod).spec);
  if (reference === undefined) return;
  throw refusal(attributes, `a mirror pod may not reference ${reference}`);
}

export interface ServiceAccountOptions {
  readonly reader: AdmissionReader;
  readonly random: Random;
  readonly clock: Clock;
}

class ServiceAccountAdmission implements AdmissionPlugin {
  readonly name = 'ServiceAccount';
  readonly concerns = anyOf(
    concernsPods('CREATE'),
    concernsPodPart('ephemeralcontainers', 'UPDATE'),
  );
  private readonly reader: AdmissionReader;
  private readonly random: Random;
  private readonly clock: Clock;

  constructor({ reader, random, clock }: ServiceAccountOptions) {
    this.reader = reader;
    this.random = random;
    this.clock = clock;
  }

  readonly mutate = (attributes: AdmissionAttributes): Admitting => {
    if (attributes.operation !== 'CREATE') return;
    const pod = attributes.object as Pod;
    const { spec } = pod;
    if (isMirrorPod(pod)) {
      checkMirror(attributes);
      return;
    }
    if ((spec.serviceAccountName ?? '') === '') spec.serviceAccountName = 'default';
    // The older spelling of the same field, which clients still read.
    spec.serviceAccount = spec.serviceAccountName ?? 'default';
    const account = this.find(attributes);
    if (account !== undefined) {
      this.complete(spec, account);
      return;
    }
    if (spec.serviceAccountName !== 'default') throw this.missing(attributes);
    return this.whenThere(attributes).then((found) => {
      this.complete(spec, found);
    });
  };

  /** A controller makes the account a moment after its namespace. */
  private async whenThere(attributes: AdmissionAttributes): Promise<ServiceAccount> {
    const giveUpMs = this.clock.monotonicMs() + defaultAccountWaitMs;
    while (this.clock.monotonicMs() < giveUpMs) {
      await this.clock.sleep(defaultAccountPollMs);
      const account = this.find(attributes);
      if (account !== undefined) return account;
    }
    throw this.missing(attributes);
  }

  private complete(spec: PodSpec, account: ServiceAccount): void {
    const automount =
      spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    if (automount) mountToken(spec, this.random);
    const { imagePullSecrets = [] } = account;
    if ((spec.imagePullSecrets ?? []).length === 0 && imagePullSecrets.length > 0) {
      spec.imagePullSecrets = structuredClone(imagePullSecrets);
    }
  }

  readonly validate = (attributes: AdmissionAttributes): void => {
    const pod = attributes.object as Pod;
    if (isMirrorPod(pod)) {
      if (attributes.operation === 'CREATE') checkMirror(attributes);
      return;
    }
    const { namespace } = attributes;
    if ((pod.spec.serviceAccountName ?? '') === '') {
      const { name } = pod.metadata;
      throw refusal(attributes, `no service account specified for pod ${namespace}/${name}`);
    }
    const account = this.find(attributes);
    if (account === undefined) throw this.missing(attributes);
    if (!truths.has(account.metadata.annotations?.[enforceAnnotation] ?? '')) return;
    refuseForeignSecrets(attributes, account);
  };

  private find({ namespace, object }: AdmissionAttributes): ServiceAccount | undefined {
    const name = (object as Pod).spec.serviceAccountName ?? '';
    return this.reader.find('', 'serviceaccounts', { namespace, name });
  }

  private missing(attributes: AdmissionAttributes): StatusError {
    const { namespace, object } = attributes;
    const name = (object as Pod).spec.serviceAccountName ?? '';
    return refusal(
      attributes,
      `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
    );
  }
}

export const serviceAccount = (options: ServiceAccountOptions): AdmissionPlugin =>
  new ServiceAccountAdmission(options);
