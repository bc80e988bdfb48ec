/** The runtime contract on a real Docker engine of the lab. */
import { runtimeContract } from '../../agent/runtime/contract.js';
import { DockerRuntime } from '../../agent/runtime/docker/docker-runtime.js';
import { systemClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { sharedCluster } from './cluster.js';

runtimeContract('docker', async () => {
  const { engine } = sharedCluster().masterNode;
  // Derived images without a build: a container's configuration is what the contract needs.
  for (const [image, command] of [
    ['contract-sleeper', '["sleep","1000"]'],
    ['contract-failing', '["sh","-c","exit 3"]'],
  ] as const) {
    const id = (await engine.docker(['create', 'busybox:latest', 'true'])).trim();
    await engine.docker(['commit', '--change', `CMD ${command}`, id, `${image}:latest`]);
    await engine.docker(['rm', id]);
  }
  const runtime = new DockerRuntime({
    dockerHost: `unix://${engine.socket}`,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    clock: systemClock,
    logger: silentLogger,
  });
  return { runtime, sleeper: 'contract-sleeper:latest', failing: 'contract-failing:latest' };
});
