/**
 * `/var/log/pods/NAMESPACE_NAME_UID/CONTAINER/ATTEMPT.log` and `/var/log/containers/…` as links to the engine's log files,
 * where log shippers look for them.
 */
import { mkdir, readdir, readlink, rm, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerIdentity } from '../runtime/labels.js';
import { isMissing } from '../../machinery/files/file-errors.js';

export interface LogLinksOptions {
  /** Usually /var/log. */
  readonly logRoot: string;
  /** The engine's root directory. */
  readonly engineRoot: string;
}

async function ensureLink(target: string, link: string): Promise<void> {
  try {
    await symlink(target, link);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
    if ((await readlink(link)) === target) return;
    await unlink(link);
    await symlink(target, link);
  }
}

export class LogLinks {
  private readonly options: LogLinksOptions;

  constructor(options: LogLinksOptions) {
    this.options = options;
  }

  private podFolder(identity: Omit<ContainerIdentity, 'containerName' | 'attempt'>): string {
    const { podNamespace, podName, podUid } = identity;
    return path.join(this.options.logRoot, 'pods', `${podNamespace}_${podName}_${podUid}`);
  }

  private containersFolder(): string {
    return path.join(this.options.logRoot, 'containers');
  }

  async add(identity: ContainerIdentity, containerId: string): Promise<void> {
    const { podName, podNamespace, containerName, attempt } = identity;
    const folder = path.join(this.podFolder(identity), containerName);
    const link = path.join(folder, `${attempt}.log`);
    const engineLog = path.join(
      this.options.engineRoot,
      'containers',
      containerId,
      `${containerId}-json.log`,
    );
    await mkdir(folder, { recursive: true });
    await mkdir(this.containersFolder(), { recursive: true });
    await ensureLink(engineLog, link);
    const shortName = `${podName}_${podNamespace}_${containerName}-${containerId}.log`;
    await ensureLink(link, path.join(this.containersFolder(), shortName));
  }

  async remove(identity: ContainerIdentity, containerId: string): Promise<void> {
    const { podName, podNamespace, containerName, attempt } = identity;
    const shortName = `${podName}_${podNamespace}_${containerName}-${containerId}.log`;
    const link = path.join(this.podFolder(identity), containerName, `${attempt}.log`);
    await rm(link, { force: true });
    await rm(path.join(this.containersFolder(), shortName), { force: true });
  }

  /** Removes every link of a pod. */
  async removePod(identity: Omit<ContainerIdentity, 'containerName' | 'attempt'>): Promise<void> {
    await rm(this.podFolder(identity), { recursive: true, force: true });
    try {
      const prefix = `${identity.podName}_${identity.podNamespace}_`;
      for (const name of await readdir(this.containersFolder())) {
        if (!name.startsWith(prefix)) continue;
        const link = path.join(this.containersFolder(), name);
        if ((await readlink(link)).includes(identity.podUid)) await rm(link, { force: true });
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}
