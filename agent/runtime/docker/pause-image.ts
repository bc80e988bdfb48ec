/** The sandbox image as the tar file `docker load` takes; the same bytes, and so the same image id, on every node. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { type Architecture, pauseProgram } from './pause-program.js';

/** The name the image has in the engine. */
export const pauseImageName = 'pintle/pause:1';

const epoch = new Date(0);

interface TarFile {
  readonly name: string;
  readonly content: Buffer;
  readonly mode: number;
}

async function tarOf(files: readonly TarFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, content, mode } of files) archive.entry({ name, mode, mtime: epoch }, content);
  archive.finalize();
  return buffer(archive);
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Makes the archive for one architecture. */
export async function pauseImageArchive(architecture: Architecture): Promise<Buffer> {
  const layer = await tarOf([{ name: 'pause', content: pauseProgram(architecture), mode: 0o755 }]);
  const config = Buffer.from(
    JSON.stringify({
      architecture: architecture === 'x64' ? 'amd64' : 'arm64',
      os: 'linux',
      created: epoch.toISOString(),
      config: { Entrypoint: ['/pause'], WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digestOf(layer)}`] },
      history: [{ created: epoch.toISOString(), created_by: 'pintle' }],
    }),
  );
  const configName = `${digestOf(config)}.json`;
  const manifest = [{ Config: configName, RepoTags: [pauseImageName], Layers: ['layer.tar'] }];
  return tarOf([
    { name: configName, content: config, mode: 0o644 },
    { name: 'layer.tar', content: layer, mode: 0o644 },
    { name: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)), mode: 0o644 },
  ]);
}
