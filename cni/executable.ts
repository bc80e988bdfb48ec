/**
 * The plugins as executables after the specification: `bin/cni/<type>` calls `runExecutable` with its own type. Reads the
 * configuration from standard input and the call from CNI_* variables; answers on standard output.
 */
import { isCniError, cniErrorFrom, CniError, errorCodes } from './cni-error.js';
import type { BuiltinType, PluginCatalog } from './catalog.js';
import { maxConfigBytes } from './limits.js';
import {
  currentVersion,
  supportedVersions,
  type CniCall,
  type CniResult,
  type PluginConfig,
} from './types.js';

export interface Execution {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: string;
}

export interface ExecutionOutcome {
  readonly exitCode: number;
  readonly output: string;
}

function required(env: Execution['env'], name: string): string {
  const value = env[name];
  if (value === undefined || value === '')
    throw new CniError(errorCodes.invalidEnvironment, `required env variable ${name} is missing`);
  return value;
}

function callFrom(env: Execution['env']): CniCall {
  const containerId = required(env, 'CNI_CONTAINERID');
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(containerId))
    throw new CniError(errorCodes.invalidEnvironment, 'CNI_CONTAINERID has invalid characters');
  const ifName = required(env, 'CNI_IFNAME');
  if (ifName.length > 15 || /[\s/:]/.test(ifName) || ifName === '.' || ifName === '..')
    throw new CniError(errorCodes.invalidEnvironment, 'CNI_IFNAME is not an interface name');
  const pairs = (env.CNI_ARGS ?? '').split(';').filter((pair) => pair !== '');
  return {
    containerId,
    ifName,
    netns: env.CNI_NETNS,
    args: Object.fromEntries(
      pairs.map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']),
    ),
    path: (env.CNI_PATH ?? '').split(':').filter((folder) => folder !== ''),
  };
}

function configFrom(input: string): PluginConfig {
  if (Buffer.byteLength(input) > maxConfigBytes)
    throw new CniError(errorCodes.decodeFailure, 'the network configuration is too large');
  let json: unknown;
  try {
    json = JSON.parse(input);
  } catch (error) {
    throw new CniError(errorCodes.decodeFailure, 'the network configuration is not JSON', {
      cause: error,
    });
  }
  if (
    typeof json !== 'object' ||
    json === null ||
    !('name' in json) ||
    typeof json.name !== 'string'
  )
    throw new CniError(errorCodes.invalidConfig, 'the network configuration has no name');
  const cniVersion =
    'cniVersion' in json && typeof json.cniVersion === 'string' ? json.cniVersion : '0.3.0';
  if (!(supportedVersions as readonly string[]).includes(cniVersion))
    throw new CniError(
      errorCodes.incompatibleVersion,
      `cniVersion ${cniVersion} is not one of ${supportedVersions.join(', ')}`,
    );
  return { ...(json as PluginConfig), cniVersion };
}

/** Results before 1.0 carry the address family in each address. */
function resultFor(cniVersion: string, result: CniResult): unknown {
  const old = cniVersion.startsWith('0.');
  const ips = (result.ips ?? []).map((ip) =>
    old ? { version: ip.address.includes(':') ? '6' : '4', ...ip } : ip,
  );
  return { ...result, ...(result.ips === undefined ? {} : { ips }), cniVersion };
}

async function execute(
  catalog: PluginCatalog,
  type: BuiltinType,
  { env, input }: Execution,
): Promise<unknown> {
  const command = required(env, 'CNI_COMMAND');
  if (command === 'VERSION') return { cniVersion: currentVersion, supportedVersions };
  const plugin = catalog.builtin(type);
  const config = configFrom(input);
  switch (command) {
    case 'ADD':
      required(env, 'CNI_NETNS');
      return resultFor(config.cniVersion, await plugin.add(config, callFrom(env)));
    case 'CHECK':
      required(env, 'CNI_NETNS');
      if (config.prevResult === undefined)
        throw new CniError(errorCodes.invalidConfig, 'CHECK needs prevResult');
      await plugin.check(config, callFrom(env));
      return undefined;
    case 'DEL':
      await plugin.del(config, callFrom(env));
      return undefined;
    case 'STATUS':
      await plugin.status(config);
      return undefined;
    case 'GC':
      await plugin.gc(config);
      return undefined;
    default:
      throw new CniError(errorCodes.invalidEnvironment, `unknown CNI_COMMAND ${command}`);
  }
}

/** Runs one plugin as its executable would; failures become the specification's error object and exit status 1. */
export async function runExecutable(
  catalog: PluginCatalog,
  type: BuiltinType,
  execution: Execution,
): Promise<ExecutionOutcome> {
  try {
    const answer = await execute(catalog, type, execution);
    return { exitCode: 0, output: answer === undefined ? '' : `${JSON.stringify(answer)}\n` };
  } catch (error) {
    const { code, message, details } = cniErrorFrom(error);
    const cniVersion =
      isCniError(error) && code === errorCodes.incompatibleVersion ? '0.3.0' : currentVersion;
    const answer = { cniVersion, code, msg: message, ...(details === '' ? {} : { details }) };
    return { exitCode: 1, output: `${JSON.stringify(answer)}\n` };
  }
}
