/**
 * The volumes of each claim, by what the volumes say themselves: whoever makes a claim names the volume it wants, which may be
 * anybody's. Kept equal to the registry by its change notifications.
 */

interface SecretReference {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

const volumeTypes = [
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'flexVolume',
  'iscsi',
  'rbd',
  'scaleIO',
  'storageos',
] as const;

/** What a volume's type says of the Secrets its node mounts it with. */
interface VolumeSource {
  readonly secretRef?: SecretReference;
  readonly secretName?: string;
  readonly secretNamespace?: string;
  readonly nodeExpandSecretRef?: SecretReference;
  readonly nodePublishSecretRef?: SecretReference;
  readonly nodeStageSecretRef?: SecretReference;
}

/** What is read of a volume. */
export interface ClaimedVolume {
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly claimRef?: { readonly namespace?: string; readonly name?: string };
  } & Readonly<Partial<Record<(typeof volumeTypes)[number], VolumeSource>>>;
}

/** A volume as the watch cache holds it. */
export interface HeldVolume {
  readonly object: ClaimedVolume;
}

/** Names hold no slashes. */
const claimKey = (namespace: string, name: string): string => `${namespace}/${name}`;

function claimOf(held: HeldVolume | undefined): string | undefined {
  const { namespace = '', name = '' } = held?.object.spec?.claimRef ?? {};
  return namespace === '' || name === '' ? undefined : claimKey(namespace, name);
}

export class ClaimedVolumes {
  private readonly byClaim = new Map<string, Map<string, HeldVolume>>();

  /** Takes in what a volume has become from what it was. */
  changed(current: HeldVolume | undefined, previous: HeldVolume | undefined): void {
    const left = claimOf(previous);
    if (previous !== undefined && left !== undefined) {
      const volumes = this.byClaim.get(left);
      volumes?.delete(previous.object.metadata.name);
      if (volumes?.size === 0) this.byClaim.delete(left);
    }
    const now = claimOf(current);
    if (current === undefined || now === undefined) return;
    const volumes = this.byClaim.get(now) ?? new Map<string, HeldVolume>();
    this.byClaim.set(now, volumes);
    volumes.set(current.object.metadata.name, current);
  }

  /** The volumes that say they are of a claim. */
  *of(namespace: string, name: string): Generator<ClaimedVolume> {
    for (const { object } of this.byClaim.get(claimKey(namespace, name))?.values() ?? []) {
      yield object;
    }
  }
}

/** The Secrets a node mounts a volume with; those that name no namespace are in that of the claim. */
export function mountSecretsOf({ spec = {} }: ClaimedVolume): readonly SecretReference[] {
  const home = spec.claimRef?.namespace;
  return volumeTypes.flatMap((type) => {
    const source = spec[type];
    if (source === undefined) return [];
    const { secretRef, nodeExpandSecretRef, nodePublishSecretRef, nodeStageSecretRef } = source;
    const byName = { name: source.secretName, namespace: source.secretNamespace };
    return [byName, secretRef, nodeExpandSecretRef, nodePublishSecretRef, nodeStageSecretRef]
      .filter((reference) => reference !== undefined)
      .map(({ name, namespace }) => ({ name, namespace: (namespace ?? '') || home }));
  });
}
