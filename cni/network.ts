/**
 * A network: what a container runtime does with a configuration list. ADD and CHECK run its plugins in order, each given
 * the result of the one before; DEL runs them in reverse. Results are kept on disk, one file an attachment, so that DEL
 * and CHECK are right after a restart and with a configuration that has changed since.
 *
 * Called by `agent/network`; calls for one attachment must not overlap.
 */
import { mkdir, readFile, readdir, rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PluginCatalog } from './catalog.js';
import { cniErrorFrom } from './cni-error.js';
import type {
  Attachment,
  CniCall,
  CniResult,
  NetworkList,
  PluginConfig,
  PluginEntry,
  RuntimeConfig,
} from './types.js';
import { isMissing } from '../machinery/files/file-errors.js';

export interface NetworkOptions {
  readonly list: NetworkList;
  readonly catalog: PluginCatalog;
  /** Where results are kept. */
  readonly cacheFolder: string;
}

export interface AttachmentRequest extends CniCall {
  /** Values for the capabilities plugins have declared, such as `portMappings`. */
  readonly capabilities?: RuntimeConfig;
}

/** What was asked for and answered at ADD. */
export interface CachedAttachment extends Attachment {
  readonly kind: 'pintle.cni/v1';
  readonly netns: string | undefined;
  readonly list: NetworkList;
  readonly capabilities: RuntimeConfig;
  readonly args: Readonly<Record<string, string>>;
  readonly result: CniResult;
}

export class Network {
  readonly list: NetworkList;
  private readonly catalog: PluginCatalog;
  private readonly cacheFolder: string;

  constructor({ list, catalog, cacheFolder }: NetworkOptions) {
    this.list = list;
    this.catalog = catalog;
    this.cacheFolder = path.join(cacheFolder, list.name);
  }

  /** Attaches a container. A failure leaves nothing attached. */
  async add(request: AttachmentRequest): Promise<CniResult> {
    let result: CniResult = { cniVersion: this.list.cniVersion };
    try {
      for (const [at, plugin] of this.list.plugins.entries()) {
        const config = configFor(this.list, plugin, {
          capabilities: request.capabilities ?? {},
          prevResult: at === 0 ? undefined : result,
        });
        result = await this.catalog.find(plugin.type).add(config, request);
      }
    } catch (error) {
      await this.del(request).catch(() => undefined);
      throw cniErrorFrom(error);
    }
    await this.remember(request, result);
    return result;
  }

  /** Rejects when an attachment is not as its ADD left it. */
  async check(request: AttachmentRequest): Promise<void> {
    const cached = await this.cached(request);
    const list = cached?.list ?? this.list;
    if (list.disableCheck === true) return;
    for (const plugin of list.plugins) {
      const config = configFor(list, plugin, {
        capabilities: cached?.capabilities ?? request.capabilities ?? {},
        prevResult: cached?.result,
      });
      await this.catalog.find(plugin.type).check(config, request);
    }
  }

  /** Detaches a container; succeeds when it is not attached. */
  async del(request: AttachmentRequest): Promise<void> {
    const cached = await this.cached(request);
    const list = cached?.list ?? this.list;
    for (const plugin of [...list.plugins].reverse()) {
      const config = configFor(list, plugin, {
        capabilities: cached?.capabilities ?? request.capabilities ?? {},
        prevResult: cached?.result,
      });
      await this.catalog.find(plugin.type).del(config, request);
    }
    await this.forget(request);
  }

  async status(): Promise<void> {
    for (const plugin of this.list.plugins)
      await this.catalog.find(plugin.type).status(configFor(this.list, plugin, {}));
  }

  /** Detaches every known attachment but the valid ones, then has each plugin remove what it knows beyond them. */
  async gc(valid: readonly Attachment[]): Promise<readonly Attachment[]> {
    const keep = new Set(valid.map(({ containerID, ifname }) => `${containerID}/${ifname}`));
    const leaked = (await this.attachments()).filter(
      ({ containerID, ifname }) => !keep.has(`${containerID}/${ifname}`),
    );
    for (const { containerID, ifname } of leaked)
      await this.del({ containerId: containerID, ifName: ifname, path: [] });
    if (this.list.disableGC !== true)
      for (const plugin of this.list.plugins) {
        const config = configFor(this.list, plugin, {});
        await this.catalog.find(plugin.type).gc({ ...config, 'cni.dev/valid-attachments': valid });
      }
    return leaked;
  }

  /** What is remembered of an attachment; undefined when it was never made. */
  async cached(call: CniCall): Promise<CachedAttachment | undefined> {
    try {
      return JSON.parse(await readFile(this.fileOf(call), 'utf8')) as CachedAttachment;
    } catch (error) {
      // A half-written file cannot exist (it is renamed into place); a broken disk's must not block a DEL.
      if (isMissing(error) || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async attachments(): Promise<readonly Attachment[]> {
    const names = await readdir(this.cacheFolder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names.flatMap((name) => {
      const [containerID, ifname] = name.split('@');
      return containerID === undefined || ifname === undefined || name.startsWith('.')
        ? []
        : [{ containerID, ifname }];
    });
  }

  private fileOf({ containerId, ifName }: CniCall): string {
    return path.join(this.cacheFolder, `${containerId}@${ifName}`);
  }

  private async remember(request: AttachmentRequest, result: CniResult): Promise<void> {
    const attachment: CachedAttachment = {
      kind: 'pintle.cni/v1',
      containerID: request.containerId,
      ifname: request.ifName,
      netns: request.netns,
      list: this.list,
      capabilities: request.capabilities ?? {},
      args: request.args ?? {},
      result,
    };
    await mkdir(this.cacheFolder, { recursive: true });
    const draft = path.join(this.cacheFolder, `.${request.containerId}@${request.ifName}`);
    await writeFile(draft, JSON.stringify(attachment), { mode: 0o600 });
    await rename(draft, this.fileOf(request));
  }

  private async forget(request: AttachmentRequest): Promise<void> {
    await unlink(this.fileOf(request)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
}

/** The configuration one plugin of a list receives: the list's name and version, and the capabilities it declared. */
function configFor(
  list: NetworkList,
  plugin: PluginEntry,
  given: { readonly capabilities?: RuntimeConfig; readonly prevResult?: CniResult | undefined },
): PluginConfig {
  const { capabilities: declared = {}, ...fields } = plugin;
  const runtimeConfig = Object.fromEntries(
    Object.entries(given.capabilities ?? {}).filter(([name]) => declared[name] === true),
  );
  return {
    ...fields,
    type: plugin.type,
    cniVersion: list.cniVersion,
    name: list.name,
    ...(Object.keys(declared).length === 0 ? {} : { runtimeConfig }),
    ...(given.prevResult === undefined ? {} : { prevResult: given.prevResult }),
  };
}
