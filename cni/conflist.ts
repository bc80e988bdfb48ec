/** Finds and reads network configurations: the first `.conflist`, `.conf` or `.json` of a folder by name, as runtimes do. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { CniError, errorCodes } from './cni-error.js';
import { supportedVersions, type NetworkList, type PluginEntry } from './types.js';
import { isMissing } from '../machinery/files/file-errors.js';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function requireVersion(value: unknown, file: string): string {
  const version = value ?? '0.3.0';
  if (typeof version !== 'string' || !(supportedVersions as readonly string[]).includes(version))
    throw new CniError(
      errorCodes.incompatibleVersion,
      `${file}: cniVersion is not one of ${supportedVersions.join(', ')}`,
    );
  return version;
}

/** Reads a configuration list, or a single plugin's configuration as a list of one. */
function parseNetworkList(text: string, file: string): NetworkList {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CniError(errorCodes.decodeFailure, `${file} is not JSON`, { cause: error });
  }
  if (!isRecord(json)) throw new CniError(errorCodes.decodeFailure, `${file} is not an object`);
  const cniVersion = requireVersion(json.cniVersion, file);
  const name = json.name;
  if (typeof name !== 'string' || !/^[A-Za-z0-9][\w.-]*$/.test(name))
    throw new CniError(errorCodes.invalidConfig, `${file}: name is missing or not a network name`);
  const plugins = 'plugins' in json ? json.plugins : [json];
  const isPlugin = (value: unknown): value is PluginEntry =>
    isRecord(value) && typeof value.type === 'string';
  if (!Array.isArray(plugins) || plugins.length === 0 || !plugins.every(isPlugin))
    throw new CniError(errorCodes.invalidConfig, `${file}: plugins is not a list of plugins`);
  return {
    cniVersion,
    name,
    disableCheck: json.disableCheck === true,
    disableGC: json.disableGC === true,
    plugins,
  };
}

/** The network a node uses when someone has put a configuration there; undefined when the folder holds none. */
export async function loadNetworkList(folder: string): Promise<NetworkList | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const name = names.filter((file) => /\.(conflist|conf|json)$/.test(file)).sort()[0];
  if (name === undefined) return undefined;
  const file = path.join(folder, name);
  return parseNetworkList(await readFile(file, 'utf8'), file);
}
