/** The part of the composition in `main.ts` that runs pods: volumes, images, probes, events, and the workers of pods. */
import { pods } from '../api/core/v1/pod/pod.js';
import { services } from '../api/core/v1/service.js';
import type { Pod, Service } from '../api/core/v1/types.js';
import { systemRandom } from '../machinery/clock/random.js';
import { NamespaceDialer } from '../machinery/exec/namespace-dialer.js';
import { Images } from './images/images.js';
import type { CniPodNetwork } from './network/pod-network.js';
import { readMachineFacts } from './node/machine-facts.js';
import { PodContainerAccess } from './pods/container-access.js';
import type { PodDependencies } from './pods/dependencies.js';
import { fieldText, resourceText } from './pods/downward.js';
import { execCommand } from './pods/exec-command.js';
import { hookRunner } from './pods/hooks.js';
import { LogLinks } from './pods/log-links.js';
import { podMetrics } from './pods/metrics.js';
import { PodWorkers } from './pods/pod-workers.js';
import type { NodeFacts, PodEvents } from './pods/ports.js';
import { References } from './pods/references.js';
import { RuntimeView } from './pods/runtime-view.js';
import { requestToken } from './pods/tokens.js';
import { ProbeRunner } from './probes/probe-runner.js';
import { labelNames } from './runtime/labels.js';
import type { EngineVersion } from './runtime/runtime.js';
import { NodeVolumes } from './volumes/pod-volumes.js';
import type { Base } from './base.js';

const logRoot = '/var/log';

function buildEvents({ recorder }: Base): PodEvents {
  return {
    record: (pod, { type, reason, message, fieldPath }) => {
      recorder.report({
        regarding: { ...pod, apiVersion: 'v1', kind: 'Pod' },
        eventType: type,
        eventReason: reason,
        message,
        ...(fieldPath === undefined ? {} : { fieldPath }),
      });
    },
  };
}

function nodeFactsOf({ nodeName, nodeIp, config }: Base): NodeFacts {
  const { cpus, memoryBytes } = readMachineFacts(config.dataDir);
  return { name: nodeName, ips: [nodeIp], allocatable: { cpuMilli: cpus * 1000, memoryBytes } };
}

function buildReferences({ client, clock, logger, informers }: Base): References {
  return new References({
    client,
    clock,
    random: systemRandom,
    logger,
    services: informers.of<Service>(services),
  });
}

function buildVolumes(base: Base, references: References, node: NodeFacts): NodeVolumes {
  const { config, exec, clock, logger, client } = base;
  return new NodeVolumes({
    dataDir: config.dataDir,
    exec,
    clock,
    logger,
    sources: {
      configMap: (namespace, name) => references.configMap(namespace, name),
      secret: (namespace, name) => references.secret(namespace, name),
      watch: (source, onChange) => references.watch(source, onChange),
      token: (pod, projection) => requestToken(client, pod, projection),
      fieldText: (pod, fieldPath) => fieldText(pod, fieldPath, { node, podIPs: [] }),
      resourceText: (pod, selector) => resourceText(pod, selector, { containerName: '', node }),
    },
  });
}

function buildProbes({ clock, metrics, runtime }: Base, events: PodEvents): ProbeRunner {
  const titles = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' } as const;
  return new ProbeRunner({
    clock,
    metrics,
    exec: (containerId, command, signal) => execCommand(runtime, { containerId, command }, signal),
    onFailure: ({ pod, container }, kind, message) => {
      events.record(pod, {
        type: 'Warning',
        reason: 'Unhealthy',
        message: `${titles[kind]} probe failed: ${message}`,
        fieldPath: `spec.containers{${container.name}}`,
      });
    },
  });
}

/** What the rest of the agent asks about pods. */
export interface PodParts {
  readonly workers: PodWorkers;
  readonly access: PodContainerAccess;
  readonly view: RuntimeView;
}

/** The container engine, ready to run pods. */
export interface PreparedEngine {
  readonly version: EngineVersion;
  readonly pauseImage: string;
}

/** Throws where the node cannot run pods yet; it is tried again then. */
export async function buildPods(
  base: Base,
  { version, pauseImage }: PreparedEngine,
  network: CniPodNetwork,
): Promise<PodParts> {
  const { config, client, clock, logger, metrics, runtime, informers, nodeName } = base;
  const node = nodeFactsOf(base);
  const references = buildReferences(base);
  const volumes = buildVolumes(base, references, node);
  await volumes.prepare();
  // Nothing below waits: metrics must be declared once, and this function is tried again when it fails.
  const events = buildEvents(base);
  const view = new RuntimeView();
  const images = new Images({
    engine: runtime,
    clock,
    secret: (namespace, name) => references.secret(namespace, name),
  });
  const running = (type: string) => (): number =>
    view.ids().filter((id) => {
      const record = view.get(id);
      return record?.state === 'running' && record.labels[labelNames.type] === type;
    }).length;
  const dependencies: PodDependencies = {
    client,
    clock,
    logger,
    runtime,
    view,
    network,
    volumes,
    images,
    references,
    events,
    probes: buildProbes(base, events),
    runHook: hookRunner({ runtime, clock }),
    logLinks: new LogLinks({ logRoot, engineRoot: version.rootDirectory }),
    metrics: podMetrics(metrics, { pods: running('podsandbox'), containers: running('container') }),
    node,
    pauseImage,
    dataDir: config.dataDir,
    clusterDns: config.clusterDns,
    clusterDomain: config.clusterDomain,
    resolvConfPath: '/etc/resolv.conf',
  };
  const workers = new PodWorkers({
    dependencies,
    pods: informers.informer<Pod>(pods, { fieldSelector: `spec.nodeName=${nodeName}` }),
    onImagesChanged: () => {
      images.invalidate();
    },
  });
  const dialer = new NamespaceDialer(clock);
  const access = new PodContainerAccess({
    runtime,
    view,
    pods: () => workers.pods(),
    dialIn: (path, port) => dialer.dial(path, port),
  });
  return { workers, access, view };
}
