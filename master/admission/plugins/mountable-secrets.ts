/** Which secrets a pod reaches for, and whether its service account names them. Part of the ServiceAccount plugin. */
import type { Container, Pod, PodSpec, ServiceAccount } from '../../../api/core/v1/types.js';
import type { AdmissionAttributes } from '../admission.js';
import { refusal } from '../refusals.js';

/** One reference to a secret and how a refusal calls it. */
interface SecretUse {
  readonly secret: string;
  readonly text: string;
}

type Contained = Pick<Container, 'name' | 'env' | 'envFrom'>;

function usesOfContainer(container: Contained, what: string): readonly SecretUse[] {
  const uses: SecretUse[] = [];
  for (const { name, valueFrom } of container.env ?? []) {
    const secret = valueFrom?.secretKeyRef?.name;
    if (secret === undefined) continue;
    const text = `${what} ${container.name} with envVar ${name} referencing secret.secretName="${secret}"`;
    uses.push({ secret, text });
  }
  for (const { secretRef } of container.envFrom ?? []) {
    const secret = secretRef?.name;
    if (secret === undefined) continue;
    const text = `${what} ${container.name} with envFrom referencing secret.secretName="${secret}"`;
    uses.push({ secret, text });
  }
  return uses;
}

const usesOfAll = (containers: readonly Contained[] | undefined, what: string): SecretUse[] =>
  (containers ?? []).flatMap((container) => usesOfContainer(container, what));

function usesOfVolumes({ volumes = [] }: PodSpec): readonly SecretUse[] {
  return volumes.flatMap(({ secret, projected }) => {
    const direct = secret?.secretName;
    const names = [
      ...(direct === undefined ? [] : [direct]),
      ...(projected?.sources ?? []).flatMap((source) => source.secret?.name ?? []),
    ];
    return names.map((name) => ({ secret: name, text: `volume with secret.secretName="${name}"` }));
  });
}

/** Refuses a pod that reaches for a secret its account does not name. */
export function refuseForeignSecrets(
  attributes: AdmissionAttributes,
  account: ServiceAccount,
): void {
  const { spec } = attributes.object as Pod;
  const mountable = new Set((account.secrets ?? []).map(({ name }) => name));
  const updated = attributes.operation === 'UPDATE';
  const uses = updated
    ? usesOfAll(spec.ephemeralContainers, 'ephemeral container')
    : [
        ...usesOfVolumes(spec),
        ...usesOfAll(spec.initContainers, 'init container'),
        ...usesOfAll(spec.containers, 'container'),
      ];
  const { name } = account.metadata;
  const foreign = uses.find(({ secret }) => !mountable.has(secret));
  if (foreign !== undefined) {
    throw refusal(
      attributes,
      `${foreign.text} is not allowed because service account ${name} does not reference that secret`,
    );
  }
  if (updated) return;
  const pulls = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name));
  for (const [position, secret] of (spec.imagePullSecrets ?? []).entries()) {
    if (pulls.has(secret.name)) continue;
    throw refusal(
      attributes,
      `imagePullSecrets[${String(position)}].name="${secret.name ?? ''}" is not allowed because service account ${name} does not reference that imagePullSecret`,
    );
  }
}
