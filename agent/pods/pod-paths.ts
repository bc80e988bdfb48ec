/** Where a pod's own files live on the node. Pure. */
import path from 'node:path';

export interface PodPaths {
  readonly root: string;
  readonly hosts: string;
  readonly resolvConf: string;
  readonly terminationMessage: (container: string, attempt: number) => string;
}

/** The folder of a pod and the files in it; nothing is made. */
export function podPaths(dataDir: string, podUid: string): PodPaths {
  const root = path.join(dataDir, 'pods', podUid);
  return {
    root,
    hosts: path.join(root, 'etc-hosts'),
    resolvConf: path.join(root, 'resolv.conf'),
    terminationMessage: (container, attempt) =>
      path.join(root, 'containers', container, String(attempt)),
  };
}
