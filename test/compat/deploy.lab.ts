/**
 * The first thing anybody does: deploys a web server in three replicas behind a Service with stock kubectl, looks at it in
 * every way, changes it, breaks it, and takes it away. Once with each kubectl.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { sharedCluster } from '../lab/cluster.js';
import { httpGet } from '../lab/http.js';
import { nodeFootprint } from '../lab/footprint.js';
import type { KubectlVersion } from '../lab/stock-clients.js';
import { startTraffic } from '../lab/traffic.js';
import { shellManifest, webManifest } from './web-manifest.js';

const cluster = sharedCluster();

function suite(version: KubectlVersion, nodePort: number): void {
  const namespace = `deploy-${version.replace('.', '-')}`;

  const kubectl = async (args: string, input?: string): Promise<string> => {
    const argv = args.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
    const options = { version, ...(input === undefined ? {} : { input }) };
    return (await cluster.kubectl(['-n', namespace, ...argv], options)).stdout;
  };
  const podNames = async (selector = 'app=web'): Promise<readonly string[]> =>
    (await kubectl(`get pods -l ${selector} -o name`)).split('\n').filter((name) => name !== '');
  const clusterIp = (): Promise<string> =>
    kubectl("get service web -o jsonpath='{.spec.clusterIP}'");
  /** Asks until every one of `count` pods has answered. */
  const expectAnswersFrom = async (count: number, ask: () => Promise<string>): Promise<void> => {
    const seen = new Set<string>();
    await eventually(
      async () => {
        seen.add((await ask()).trim());
        assert.equal(seen.size, count, `answered so far: ${[...seen].join(', ')}`);
      },
      { what: `an answer from each of ${String(count)} pods`, timeoutMs: 30_000, intervalMs: 10 },
    );
  };
  const readyEndpoints = async (): Promise<number> => {
    const ips = await kubectl("get endpoints web -o jsonpath='{.subsets[*].addresses[*].ip}'");
    return ips.split(' ').filter((ip) => ip !== '').length;
  };

  test(`kubectl ${version} creates a namespace and rolls out a deployment behind a service`, async () => {
    await cluster.kubectl(['create', 'namespace', namespace], { version });
    await kubectl('apply -f -', webManifest({ namespace, nodePort }));
    await kubectl('apply -f -', shellManifest(namespace));
    await kubectl('rollout status deployment/web --timeout=60s');
    await kubectl('wait --for=condition=Ready pod/shell --timeout=60s');
    assert.equal((await podNames()).length, 3);
  });

  test(`kubectl ${version} applies the same manifest again without a change`, async () => {
    const output = await kubectl('apply -f -', webManifest({ namespace, nodePort }));
    assert.match(output, /secret\/credentials unchanged/);
    assert.match(output, /deployment.apps\/web unchanged/);
    assert.match(output, /service\/web unchanged/);
  });

  test(`kubectl ${version} shows objects in tables`, async () => {
    const all = await kubectl('get all -o wide');
    assert.match(all, /NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE/);
    assert.match(all, /pod\/web-\S+\s+1\/1\s+Running\s+0/);
    assert.match(all, /service\/web\s+NodePort\s+10\.\S+\s+<none>\s+80:\d+\/TCP\s+\S+\s+app=web/);
    assert.match(all, /deployment.apps\/web\s+3\/3\s+3\s+3\s+\S+\s+web\s+web:v1\s+app=web/);
    assert.match(all, /replicaset.apps\/web-\S+\s+3\s+3\s+3/);
    const nodes = await kubectl('get nodes -o wide');
    assert.match(nodes, /node-1\s+Ready\s+.*v1\.36/);
    assert.match(nodes, /docker:\/\/\d+/);
  });

  test(`kubectl ${version} describes and explains`, async () => {
    const [pod = ''] = await podNames();
    const described = await kubectl(`describe ${pod}`);
    for (const line of [
      /Status:\s+Running/,
      /Liveness:\s+http-get http:\/\/:http\/healthz/,
      /QoS Class:\s+Burstable/,
      /Scheduled/,
      /Started/,
    ]) {
      assert.match(described, line);
    }
    assert.match(await kubectl('describe service web'), /Endpoints:\s+\d+\.\d+\.\d+\.\d+:8080/);
    assert.match(
      await kubectl('describe deployment web'),
      /3 desired \| 3 updated \| 3 total \| 3 available/,
    );
    assert.match(await kubectl('describe node node-1'), /Allocatable:/);
    assert.match(await kubectl('explain pod.spec.containers.livenessProbe'), /FIELDS/);
    assert.match(await kubectl('get events'), /Pulled|Created|Started/);
  });

  test(`kubectl ${version} runs commands in a container and reads its logs`, async () => {
    const [pod = ''] = await podNames();
    assert.match(
      await kubectl(`exec ${pod} -- sh -c 'echo $LINE $PASSWORD $CFG_greeting'`),
      /^hello from 10\.\S+ s3cret hello$/m,
    );
    assert.equal(
      await kubectl(
        `exec ${pod} -- cat /scratch/ready /etc/credentials/password /etc/settings/greeting`,
      ),
      'prepared\ns3crethello',
    );
    assert.match(await kubectl(`exec ${pod} -- cat /etc/podinfo/labels`), /app="web"/);
    await assert.rejects(kubectl(`exec ${pod} -- sh -c 'exit 7'`), { exitCode: 7 });
    await kubectl(`exec ${pod} -- sh -c 'echo said-something > /proc/1/fd/1'`);
    await eventually(async () => {
      assert.match(await kubectl(`logs ${pod}`), /said-something/);
    });
    assert.match(
      await kubectl(`logs ${pod} --tail=1 --timestamps`),
      /^\d{4}-\d\d-\d\dT\S+ said-something$/m,
    );
  });

  test(`kubectl ${version} sees all pods answer at the cluster IP, the node port and the DNS name`, async () => {
    const ip = await clusterIp();
    for (const node of cluster.nodes) {
      await expectAnswersFrom(3, () => httpGet(node, { host: ip, port: 80 }));
      await expectAnswersFrom(3, () => httpGet(node, { host: node.address, port: nodePort }));
    }
    await expectAnswersFrom(3, () => kubectl('exec shell -- fetch web 80'));
    assert.match(
      await kubectl(`exec shell -- fetch web.${namespace}.svc.cluster.local 80`),
      /^v1 web-/,
    );
  });

  test(`kubectl ${version} scales up and down`, async () => {
    await kubectl('scale deployment/web --replicas=5');
    await kubectl('rollout status deployment/web --timeout=60s');
    await eventually(async () => {
      assert.equal(await readyEndpoints(), 5);
    });
    await kubectl('scale deployment/web --replicas=3');
    await eventually(
      async () => {
        assert.equal((await podNames()).length, 3);
      },
      { timeoutMs: 30_000 },
    );
  });

  test(`kubectl ${version} updates the image under constant requests and none fails`, async () => {
    const traffic = startTraffic(cluster, { host: await clusterIp(), port: 80 });
    await eventually(() => {
      assert.ok(traffic.answers().length > 20);
    });
    await kubectl('set image deployment/web web=web:v2');
    await kubectl('rollout status deployment/web --timeout=90s');
    await eventually(
      () => {
        assert.ok(
          traffic
            .answers()
            .slice(-20)
            .every((answer) => answer.startsWith('v2 ')),
        );
      },
      { timeoutMs: 30_000 },
    );
    assert.deepEqual(await traffic.stop(), []);
    await kubectl('rollout undo deployment/web');
    await kubectl('rollout status deployment/web --timeout=90s');
    assert.match(await kubectl('get deployment web -o wide'), /web:v1/);
  });

  test(`kubectl ${version} sees a failing readiness probe take a pod out of the service`, async () => {
    // Pods of the rollout before may still be ending.
    const [pod = ''] = await eventually(
      async () => {
        const names = await podNames();
        assert.equal(names.length, 3);
        return names;
      },
      { timeoutMs: 30_000 },
    );
    await eventually(async () => {
      assert.equal(await readyEndpoints(), 3);
    });
    await kubectl(`exec ${pod} -- rm /www/healthz`);
    await eventually(async () => {
      assert.equal(await readyEndpoints(), 2);
    });
    assert.match(await kubectl(`get ${pod}`), /0\/1\s+Running/);
    assert.match(await kubectl(`describe ${pod}`), /Unhealthy.*Readiness probe failed/);
  });

  test(`kubectl ${version} sees a failing liveness probe restart the container`, async () => {
    // The same pod: its health file is still gone, so that liveness fails its tenth time soon.
    await eventually(
      async () => {
        assert.match(await kubectl('get pods -l app=web'), /1\/1\s+Running\s+1/);
        assert.equal(await readyEndpoints(), 3);
      },
      { timeoutMs: 60_000, intervalMs: 200 },
    );
  });

  test(`kubectl ${version} deletes everything and nothing is left on the nodes`, async () => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--timeout=60s'], { version });
    for (const node of cluster.nodes) {
      await eventually(
        async () => {
          assert.deepEqual(await nodeFootprint(cluster, node, namespace), []);
        },
        { what: `nothing left on ${node.name}`, timeoutMs: 30_000, intervalMs: 200 },
      );
    }
  });
}

describe('deploying a web server', () => {
  suite('1.35', 30_035);
  suite('1.24', 30_024);
});
