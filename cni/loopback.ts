/** The loopback plugin: brings `lo` up in the container's namespace. */
import type { Exec } from '../machinery/exec/exec.js';
import { CniError, errorCodes } from './cni-error.js';
import { ipBatch, ipQuery } from './network-commands.js';
import { currentVersion, type Plugin } from './types.js';

/** The plugin, running its commands with `exec`. */
export function loopbackPlugin(exec: Exec): Plugin {
  return {
    add: async (config, call) => {
      await ipBatch(exec, ['link set dev lo up'], { netns: call.netns ?? '' });
      if (config.prevResult !== undefined) return config.prevResult;
      return {
        cniVersion: currentVersion,
        interfaces: [{ name: 'lo', sandbox: call.netns ?? '' }],
        ips: [{ address: '127.0.0.1/8', interface: 0 }],
      };
    },
    check: async (_config, call) => {
      const [link] = (await ipQuery(exec, ['link', 'show', 'dev', 'lo'], call.netns)) ?? [];
      const flags = link?.flags;
      if (!Array.isArray(flags) || !flags.includes('UP'))
        throw new CniError(errorCodes.checkFailed, 'lo is not up');
    },
    // The interface goes with its namespace; there is nothing of it on the host.
    del: () => Promise.resolve(),
    status: () => Promise.resolve(),
    gc: () => Promise.resolve(),
  };
}
