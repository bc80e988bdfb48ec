/** What people do to running things with stock kubectl: roll out, look inside, talk to, move away. Once with each kubectl. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { sharedCluster } from '../lab/cluster.js';
import type { KubectlVersion } from '../lab/stock-clients.js';
import { Shell } from './shell.js';

const cluster = sharedCluster();

/** Each kubectl cordons, drains and taints a node of its own, so that both can work side by side. */
const nodes: Readonly<Record<KubectlVersion, string>> = { '1.35': 'node-1', '1.24': 'node-2' };

const slow = { timeoutMs: 60_000, intervalMs: 100 };

async function body(url: string): Promise<string> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return response.text();
}

function rolloutTests(shell: Shell): void {
  const { version } = shell;
  const image = (): Promise<string> =>
    shell.run('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}');

  test(`kubectl ${version} rolls out, pauses, restarts and undoes`, async () => {
    await shell.expect('create deployment web --image=web:v1 --replicas=2 --port=8080', /created/);
    await shell.expect('rollout status deployment/web --timeout=60s', /successfully rolled out/);
    await shell.run(`annotate deployment web 'kubernetes.io/change-cause=the first'`);
    await shell.expect('set image deployment/web web=web:v2', /image updated/);
    await shell.expect('rollout status deployment/web --timeout=60s', /successfully rolled out/);
    await shell.expect('rollout history deployment/web', /^1 {9}the first$/m, /^2 {9}/m);
    await shell.expect('rollout history deployment/web --revision=2', /Image:\s+web:v2/);
    await shell.expect('rollout pause deployment/web', /paused/);
    await shell.refused('rollout restart deployment/web', /can't restart paused deployment/);
    await shell.expect('rollout resume deployment/web', /resumed/);
    await shell.expect('rollout undo deployment/web --to-revision=1', /rolled back/);
    assert.equal(await image(), 'web:v1');
    await shell.refused(
      'rollout undo deployment/web --to-revision=9',
      /unable to find.*revision 9/,
    );
    await shell.expect('rollout restart deployment/web', /restarted/);
    await shell.expect('rollout status deployment/web --timeout=60s', /successfully rolled out/);
  });

  test(`kubectl ${version} set changes a template in place`, async () => {
    await shell.expect('set env deployment/web COLOR=green', /env updated/);
    await shell.expect('set env deployment/web --list', /^COLOR=green$/m);
    await shell.expect('set resources deployment web --limits=memory=64Mi', /requirements updated/);
    await shell.run('create serviceaccount runner');
    await shell.expect('set serviceaccount deployment web runner', /serviceaccount updated/);
    assert.equal(
      await shell.run(
        'get deployment web -o jsonpath={.spec.template.spec.serviceAccountName}/{.spec.template.spec.containers[0].resources.limits.memory}',
      ),
      'runner/64Mi',
    );
    await shell.run('create rolebinding viewers --clusterrole=view --user=jane');
    await shell.expect('set subject rolebinding viewers --user=joe', /subjects updated/);
    await shell.expect('rollout status deployment/web --timeout=60s', /successfully rolled out/);
  });

  test(`kubectl ${version} exposes, scales and autoscales`, async () => {
    await shell.expect('expose deployment web --port=80 --target-port=8080', /web exposed/);
    await eventually(async () => {
      await shell.expect(
        'describe service web',
        /Endpoints:\s+10\.244\.\S+:8080,10\.244\.\S+:8080/,
      );
    }, slow);
    await shell.expect('set selector service web app=other', /selector updated/);
    await shell.expect('get service web -o wide', /app=other/);
    await shell.run('set selector service web app=web');
    await shell.expect('scale deployment web --current-replicas=2 --replicas=1', /web scaled/);
    await shell.refused(
      'scale deployment web --current-replicas=2 --replicas=3',
      /Expected replicas to be 2, was 1/,
    );
    await shell.expect('autoscale deployment web --min=1 --max=3', /web autoscaled/);
    await shell.expect('get hpa web', /web\s+Deployment\/web\s+.*<unknown>\S*\s+1\s+3/);
    await shell.expect('describe hpa web', /Min replicas:\s+1/, /Max replicas:\s+3/);
    await shell.run('delete hpa web');
  });
}

function podTests(shell: Shell): void {
  const { version } = shell;

  test(`kubectl ${version} runs a pod and reads its logs`, async () => {
    const say = `sh -c 'echo one; echo two; cat; sleep 1000'`;
    await shell.expect(
      `run talker --image=web:v1 --labels=role=talker --env=A=B --stdin --attach=false --overrides={"spec":{"terminationGracePeriodSeconds":0}} --command -- ${say}`,
      /pod\/talker created/,
    );
    await shell.expect('wait --for=condition=Ready pod/talker --timeout=60s', /condition met/);
    assert.equal(await shell.run('logs talker'), 'one\ntwo\n');
    assert.equal(await shell.run('logs talker --tail=1'), 'two\n');
    await shell.expect('logs -l role=talker --prefix', /^\[pod\/talker\/talker\] one$/m);
    await shell.refused('logs talker -c nobody', /container nobody is not valid for pod talker/);
    await shell.refused(
      'logs talker --previous',
      /previous terminated container "talker".*not found/,
    );
    await shell.during('logs --follow talker', async ({ output }) => {
      await eventually(() => {
        assert.match(output(), /two/);
      });
      await shell.during('attach talker', async (attached) => {
        await shell.run(`exec talker -- sh -c 'sleep 1; echo three > /proc/1/fd/1'`);
        await eventually(() => {
          assert.match(attached.output(), /^three$/m);
          assert.match(output(), /^three$/m);
        });
      });
    });
  });

  test(`kubectl ${version} talks to a pod it runs and takes it away afterwards`, async () => {
    await shell.expectWith(
      'run quick -i --rm --restart=Never --image=web:v1 --command -- cat',
      { input: 'spoken\n' },
      /^spoken$/m,
      /pod "quick" deleted/,
    );
    await shell.refused(
      `run broken -i --rm --restart=Never --image=web:v1 --command -- sh -c 'sleep 1; exit 3'`,
      /terminated \(Error\)/,
      { exitCode: 3 },
    );
  });

  test(`kubectl ${version} shows what a pod says that ends while it attaches`, async () => {
    for (const name of ['brief-1', 'brief-2', 'brief-3']) {
      await shell.expect(
        `run ${name} --attach --restart=Never --image=web:v1 --command -- echo said`,
        /^said$/m,
      );
    }
  });

  test(`kubectl ${version} attaches to a terminal without having one`, async () => {
    await shell.run(
      `run terminal --image=web:v1 --overrides={"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"terminal","image":"web:v1","stdin":true,"tty":true,"command":["sh"]}]}}`,
    );
    await shell.run('wait --for=condition=Ready pod/terminal --timeout=60s');
    await shell.during('attach terminal', async ({ output }) => {
      await eventually(async () => {
        await shell.run(`exec terminal -- sh -c 'echo seen > /proc/1/fd/1'`);
        assert.match(output(), /^seen\r?$/m);
      }, slow);
    });
  });

  test(`kubectl ${version} debugs a node`, async () => {
    const said = await shell.run(
      `debug node/${nodes[version]} --image=web:v1 -- sh -c 'ls /host; sleep 1000'`,
    );
    const [, name = ''] = /Creating debugging pod (\S+)/.exec(said) ?? [];
    await eventually(async () => {
      assert.match(await shell.run(`logs ${name}`), /^etc$[^]*^var$/m);
    }, slow);
    await shell.run(`delete pod ${name} --now --wait=false`);
  });

  test(`kubectl ${version} executes, copies and debugs`, async () => {
    assert.equal(await shell.run(`exec talker -- sh -c 'echo $A'`), 'B\n');
    await shell.expectWith('exec -i talker -- cat', { input: 'piped' }, /^piped$/);
    await shell.refused(`exec talker -- sh -c 'echo broken >&2; exit 7'`, /broken[^]*exit code 7/);
    await shell.refused('exec nobody -- true', /pods "nobody" not found/);
    await shell.run('run waiting --image=absent.invalid/none:v1');
    await eventually(() =>
      shell.refused(
        'exec waiting -- true',
        version === '1.24'
          ? /^error: unable to upgrade connection: container not found \("waiting"\)$/m
          : /^error: Internal error occurred: unable to upgrade connection: container not found \("waiting"\)$/m,
      ),
    );
    await shell.refused('logs waiting', /container "waiting" in pod "waiting" is waiting to start/);
    await shell.run('delete pod waiting --now --wait=false');
    const source = shell.file('copied/source.txt', 'x'.repeat(300_000));
    await shell.run(`cp copied talker:/tmp/`);
    assert.equal(
      await shell.run('exec talker -- wc -c /tmp/copied/source.txt'),
      '300000 /tmp/copied/source.txt\n',
    );
    await shell.run('cp talker:/tmp/copied/source.txt back.txt');
    assert.equal(
      readFileSync(path.join(shell.folder, 'back.txt'), 'utf8'),
      readFileSync(source, 'utf8'),
    );
    await shell.run('debug talker --image=web:v1 --container=doctor --target=talker -- sleep 1000');
    await eventually(async () => {
      await shell.expect('exec talker -c doctor -- ps', /sleep 1000/);
    }, slow);
    await shell.expect('describe pod talker', /Ephemeral Containers:\s+doctor:/);
    await shell.run('debug talker --copy-to=twin --container=talker --image=web:v1 -- sleep 999');
    await shell.expect('get pod twin -o jsonpath={.spec.containers[*].command}', /999/);
    await shell.run('delete pod twin --now');
  });

  test(`kubectl ${version} forwards ports and proxies`, async () => {
    // kubectl takes the pod that has been ready longest, be it one of a former revision that is about to go.
    await eventually(async () => {
      const pods = await shell.run('get pods -l app=web -o name');
      assert.match(pods, /^pod\/web-\S+\n$/);
    }, slow);
    const forwarded = /Forwarding from 127\.0\.0\.1:(\d+) -> 8080/;
    await shell.during('port-forward deployment/web :8080', async ({ output }) => {
      const [, port = ''] = await eventually(() => {
        assert.match(output(), forwarded);
        return forwarded.exec(output()) ?? [];
      }, slow);
      for (let time = 0; time < 3; time += 1) {
        assert.match(await body(`http://127.0.0.1:${port}/`), /^v1 web-/);
      }
    });
    const serving = /Starting to serve on 127\.0\.0\.1:(\d+)/;
    await shell.during('proxy --port=0', async ({ output }) => {
      const [, port = ''] = await eventually(() => {
        assert.match(output(), serving);
        return serving.exec(output()) ?? [];
      }, slow);
      const inNamespace = `http://127.0.0.1:${port}/api/v1/namespaces/${shell.namespace}`;
      assert.match(await body(`${inNamespace}/services/web`), /"kind":"Service"/);
      await eventually(async () => {
        assert.match(await body(`${inNamespace}/services/web:80/proxy/`), /^v1 web-/);
      }, slow);
    });
    const closedPort = `/api/v1/namespaces/${shell.namespace}/pods/talker:81/proxy/`;
    await shell.refused(
      `get --raw ${closedPort}`,
      /error trying to reach service: dial tcp 10\.\S+:81: connect: connection refused/,
    );
  });
}

function clusterTests(shell: Shell): void {
  const { version } = shell;
  const node = nodes[version];

  test(`kubectl ${version} describes pods, nodes and namespaces and tells their events`, async () => {
    await shell.expect(
      'describe pod talker',
      /Node:\s+node-\d\/10\.77\.0\.1\d/,
      /State:\s+Running/,
      /QoS Class:\s+BestEffort/,
      /Normal\s+Started\s+\S+\s+kubelet\s.*Container started/,
    );
    await shell.expect('describe deployment web', /NewReplicaSet:\s+web-/, /ScalingReplicaSet/);
    await shell.expect(
      `describe node ${node}`,
      /Allocated resources:/,
      /PodCIDR:\s+10\.244/,
      /NodeReady.*kubelet/,
    );
    await shell.expect(`describe namespace ${shell.namespace}`, /^Status:\s+Active$/m);
    await shell.expect('get events --field-selector=involvedObject.name=talker', /Scheduled/);
    await shell.expect(
      version === '1.24' ? 'alpha events --for=pod/talker' : 'events --for=pod/talker',
      /Pod\/talker\s+Container started/,
    );
  });

  test(`kubectl ${version} cordons, drains and taints a node`, async () => {
    await shell.run(
      `run evicted --image=web:v1 --overrides={"spec":{"nodeName":"${node}","terminationGracePeriodSeconds":0}}`,
    );
    await shell.run('wait --for=condition=Ready pod/evicted --timeout=60s');
    await shell.expect(`cordon ${node}`, /cordoned/);
    await shell.expect(`get node ${node}`, /Ready,SchedulingDisabled/);
    await shell.refused(
      `drain ${node} --pod-selector=run=evicted`,
      /cannot delete Pods.*declare no controller.*evicted/,
    );
    await shell.expect(
      `drain ${node} --pod-selector=run=evicted --force --timeout=60s`,
      /evicting pod \S+\/evicted/,
      /drained/,
    );
    await shell.refused('get pod evicted', /not found/);
    await shell.expect(`uncordon ${node}`, /uncordoned/);
    await shell.expect(`taint node ${node} compat=${version}:PreferNoSchedule`, /tainted/);
    await shell.refused(`taint node ${node} compat=x:PreferNoSchedule`, /already has compat taint/);
    await shell.expect(`describe node ${node}`, /Taints:\s+compat=\S+:PreferNoSchedule/);
    await shell.expect(`taint node ${node} compat-`, /untainted/);
    await shell.expect(`label node ${node} compat=yes`, /labeled/);
    await shell.run(`label node ${node} compat-`);
  });

  test(`kubectl ${version} drains no further than a disruption budget allows`, async () => {
    await shell.run('run guarded --image=web:v1');
    await shell.run('wait --for=condition=Ready pod/guarded --timeout=60s');
    await shell.run('create pdb guard --selector=run=guarded --min-available=1');
    // As the disruption controller would say, whether or not it is quicker.
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 1,
    };
    await shell.expect(
      `patch pdb guard --subresource=status --type=merge -p '${JSON.stringify({ status })}'`,
      /guard patched/,
    );
    await shell.expect('get pdb guard', /guard\s+1\s+N\/A\s+0/);
    const metadata = { name: 'guarded' };
    const eviction = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata });
    const file = shell.file('eviction.json', eviction);
    await shell.refused(
      `create --raw /api/v1/namespaces/${shell.namespace}/pods/guarded/eviction -f ${file}`,
      /Cannot evict pod as it would violate the pod's disruption budget/,
    );
  });

  test(`kubectl ${version} dumps what a report needs`, async () => {
    await shell.run(`cluster-info dump --namespaces=${shell.namespace} --output-directory=dump`);
    const read = (name: string): string =>
      readFileSync(path.join(shell.folder, 'dump', shell.namespace, name), 'utf8');
    assert.match(read('pods.json'), /"name": "talker"/);
    assert.match(read('talker/logs.txt'), /two/);
  });
}

describe('workloads in the hands of kubectl', { concurrency: true }, () => {
  for (const version of ['1.35', '1.24'] as const) {
    describe(version, { concurrency: false }, () => {
      const shell = new Shell(cluster, version, 'workloads');
      before(async () => {
        await shell.expect(`create namespace ${shell.namespace}`, /created/);
      });
      after(async () => {
        await shell.run(`delete namespace ${shell.namespace}`);
      });
      rolloutTests(shell);
      podTests(shell);
      clusterTests(shell);
    });
  }
});
