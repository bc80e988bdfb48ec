/** The plugins this package brings, and how any other is run as an executable after the specification. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isExecError, type Exec } from '../machinery/exec/exec.js';
import { bridgePlugin } from './bridge.js';
import { CniError, errorCodes } from './cni-error.js';
import { hostLocal } from './host-local.js';
import { maxPluginOutputBytes, pluginTimeoutMs } from './limits.js';
import { loopbackPlugin } from './loopback.js';
import { portmapPlugin } from './portmap.js';
import {
  currentVersion,
  type CniCall,
  type CniResult,
  type Plugin,
  type PluginConfig,
} from './types.js';
import { errorText } from '../machinery/error-text.js';

const builtinTypes = ['bridge', 'host-local', 'loopback', 'portmap'] as const;
export type BuiltinType = (typeof builtinTypes)[number];

/** Whether the package brings a plugin of that type. */
export const isBuiltin = (type: string): type is BuiltinType =>
  (builtinTypes as readonly string[]).includes(type);

/** The CNI_COMMANDs that take a container. */
type Command = 'ADD' | 'CHECK' | 'DEL' | 'STATUS' | 'GC';

/** The file of a plugin type in the first folder that has it. */
function findPlugin(type: string, folders: readonly string[]): string | undefined {
  if (type === '' || type.includes('/')) return undefined;
  return folders.map((folder) => path.join(folder, type)).find((file) => existsSync(file));
}

function environmentOf(command: Command, call: CniCall): Record<string, string> {
  const args = Object.entries(call.args ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    CNI_COMMAND: command,
    CNI_PATH: call.path.join(path.delimiter),
    ...(call.containerId === ''
      ? {}
      : {
          CNI_CONTAINERID: call.containerId,
          CNI_IFNAME: call.ifName,
          CNI_NETNS: call.netns ?? '',
          CNI_ARGS: args.join(';'),
        }),
  };
}

/** The error object a plugin wrote to standard output, if it did. */
function errorFrom(file: string, error: unknown): CniError {
  const said = isExecError(error) ? error.stdout : '';
  try {
    const answer = JSON.parse(said) as { code?: unknown; msg?: unknown; details?: unknown };
    if (typeof answer.code === 'number' && typeof answer.msg === 'string') {
      const details = typeof answer.details === 'string' ? { details: answer.details } : {};
      return new CniError(answer.code, `${path.basename(file)}: ${answer.msg}`, {
        ...details,
        cause: error,
      });
    }
  } catch {
    // Not the specification's error object; the process's own words are all there is.
  }
  const message = errorText(error);
  return new CniError(errorCodes.ioFailure, message, { cause: error });
}

/** A plugin that is an executable file. */
export function executablePlugin(exec: Exec, file: string, folders: readonly string[]): Plugin {
  const run = async (command: Command, config: PluginConfig, call: CniCall): Promise<string> => {
    try {
      const { stdout } = await exec([file], {
        input: JSON.stringify(config),
        env: environmentOf(command, call),
        timeoutMs: pluginTimeoutMs,
        maxOutputBytes: maxPluginOutputBytes,
      });
      return stdout;
    } catch (error) {
      throw errorFrom(file, error);
    }
  };
  const noCall: CniCall = { containerId: '', ifName: '', path: folders };
  return {
    add: async (config, call) => {
      const answer = await run('ADD', config, call);
      try {
        return JSON.parse(answer) as CniResult;
      } catch (error) {
        throw new CniError(errorCodes.decodeFailure, `${file} did not answer with JSON`, {
          cause: error,
        });
      }
    },
    check: async (config, call) => {
      await run('CHECK', config, call);
    },
    del: async (config, call) => {
      await run('DEL', config, call);
    },
    status: async (config) => {
      await run('STATUS', config, noCall);
    },
    gc: async (config) => {
      await run('GC', config, noCall);
    },
  };
}

/** Finds plugins by type: those built in first where `preferBuiltin`, then executables. */
export class PluginCatalog {
  private readonly exec: Exec;
  private readonly folders: readonly string[];

  constructor(exec: Exec, folders: readonly string[] = []) {
    this.exec = exec;
    this.folders = folders;
  }

  /** A third-party file replaces the plugin of ours that has its name. */
  find(type: string): Plugin {
    const file = findPlugin(type, this.folders);
    if (file !== undefined) return executablePlugin(this.exec, file, this.folders);
    if (isBuiltin(type)) return this.builtin(type);
    throw new CniError(
      errorCodes.invalidConfig,
      `there is no CNI plugin ${type} in ${this.folders.join(', ') || 'any folder'}`,
    );
  }

  builtin(type: BuiltinType): Plugin {
    switch (type) {
      case 'bridge':
        return bridgePlugin({ exec: this.exec, ipam: (name) => this.ipam(name) });
      case 'host-local':
        return hostLocal;
      case 'loopback':
        return loopbackPlugin(this.exec);
      case 'portmap':
        return portmapPlugin(this.exec);
    }
  }

  private ipam(type: string): Plugin {
    return type === 'host-local' ? hostLocal : this.find(type);
  }
}

/** The specification versions of an executable, by its VERSION command. */
export async function pluginVersions(exec: Exec, file: string): Promise<readonly string[]> {
  const { stdout } = await exec([file], {
    input: JSON.stringify({ cniVersion: currentVersion }),
    env: { CNI_COMMAND: 'VERSION' },
    timeoutMs: pluginTimeoutMs,
  });
  const answer = JSON.parse(stdout) as { supportedVersions?: unknown };
  return Array.isArray(answer.supportedVersions) ? answer.supportedVersions.map(String) : [];
}
