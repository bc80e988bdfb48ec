/** The floor of starting a pod: a sandbox and one container created and started over the Docker API, with nothing around it. */
import Docker from 'dockerode';
import { inParallel } from './statistics.js';

const image = 'busybox:latest';

async function twoContainers(docker: Docker, name: string): Promise<readonly Docker.Container[]> {
  const sandbox = await docker.createContainer({
    name: `floor-${name}-sandbox`,
    Image: image,
    Cmd: ['sleep', '1000'],
    HostConfig: { NetworkMode: 'none' },
  });
  await sandbox.start();
  const container = await docker.createContainer({
    name: `floor-${name}`,
    Image: image,
    Cmd: ['sleep', '1000'],
    HostConfig: { NetworkMode: `container:${sandbox.id}` },
  });
  await container.start();
  return [container, sandbox];
}

const remove = async (containers: readonly Docker.Container[]): Promise<void> => {
  for (const container of containers) await container.remove({ force: true });
};

export interface Floor {
  /** Milliseconds of each pair, one at a time. */
  readonly pairMs: readonly number[];
  /** Pairs a second, eight at once. */
  readonly burstPerSecond: number;
}

/** Measures `count` starts, one at a time and then eight at a time. */
export async function measureFloor(socketPath: string, count: number): Promise<Floor> {
  const docker = new Docker({ socketPath });
  const pairMs: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedMs = performance.now();
    const containers = await twoContainers(docker, String(index));
    pairMs.push(performance.now() - startedMs);
    await remove(containers);
  }
  const started: (readonly Docker.Container[])[] = [];
  const burst = Array.from({ length: 30 }, (_, index) => `burst-${String(index)}`);
  const startedMs = performance.now();
  await inParallel(burst, 8, async (name) => {
    started.push(await twoContainers(docker, name));
  });
  const burstPerSecond = burst.length / ((performance.now() - startedMs) / 1000);
  for (const containers of started) await remove(containers);
  return { pairMs, burstPerSecond };
}
