/**
 * What people do to objects with stock kubectl: make them in every way it offers, look at them in every form, change them,
 * compare them and take them away. Once with each kubectl.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { CertificateAuthority } from '../../master/pki/authority.js';
import { sharedCluster } from '../lab/cluster.js';
import type { KubectlVersion } from '../lab/stock-clients.js';
import { Shell } from './shell.js';

const cluster = sharedCluster();

const pair = (color: string, more = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: pair, labels: { set: pairs } }
data: { color: ${color}, shape: round }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: second, labels: { set: pairs } }
data: { number: one }
${more}`;

const creations = (suffix: string): readonly (readonly [string, RegExp, string, RegExp])[] => [
  [
    'configmap settings --from-literal=a=b --from-literal=c=d',
    /^configmap\/settings created$/m,
    'get configmap settings',
    /settings\s+2\s+\d+s/,
  ],
  [
    'secret generic password --from-literal=password=s3cret',
    /^secret\/password created$/m,
    'get secret password',
    /password\s+Opaque\s+1/,
  ],
  [
    'secret docker-registry registry --docker-server=r.example --docker-username=u --docker-password=p',
    /^secret\/registry created$/m,
    'get secret registry',
    /registry\s+kubernetes.io\/dockerconfigjson\s+1/,
  ],
  [
    'serviceaccount robot',
    /^serviceaccount\/robot created$/m,
    'get serviceaccount robot',
    /robot\s+(<none>\s+)?0?\s+\d+s/,
  ],
  [
    'role reader --verb=get,list --resource=pods,deployments.apps',
    /^role.rbac.authorization.k8s.io\/reader created$/m,
    'describe role reader',
    /deployments\.apps\s+\[\]\s+\[\]\s+\[get list\]/,
  ],
  [
    'rolebinding readers --role=reader --serviceaccount=default:robot --user=jane',
    /^rolebinding.rbac.authorization.k8s.io\/readers created$/m,
    'get rolebinding readers -o wide',
    /readers\s+Role\/reader\s+\d+s\s+jane\s+default\/robot/,
  ],
  [
    `clusterrole compat-${suffix} --verb=get --resource=nodes --non-resource-url=/logs`,
    /created/,
    `get clusterrole compat-${suffix} -o jsonpath={.rules[*].verbs}`,
    /\["get"\] \["get"\]/,
  ],
  [
    `clusterrolebinding compat-${suffix} --clusterrole=compat-${suffix} --group=readers`,
    /created/,
    `get clusterrolebinding compat-${suffix} -o wide`,
    /ClusterRole\/compat-\S+\s+\d+s\s+readers/,
  ],
  [
    'quota limits --hard=pods=5,services=7,configmaps=20',
    /^resourcequota\/limits created$/m,
    'get quota limits -o jsonpath={.spec.hard}',
    /"configmaps":"20","pods":"5","services":"7"/,
  ],
  [
    'poddisruptionbudget budget --selector=app=web --min-available=50%',
    /^poddisruptionbudget.policy\/budget created$/m,
    'get pdb budget',
    /budget\s+50%\s+N\/A\s+0/,
  ],
  [
    `priorityclass compat-${suffix} --value=1000 --description=important`,
    /created/,
    `get priorityclass compat-${suffix}`,
    /1000\s+false\s+\d+s/,
  ],
  [
    'deployment idle --image=web:v1 --replicas=0 --port=8080',
    /^deployment.apps\/idle created$/m,
    'get deployment idle',
    /idle\s+0\/0\s+0\s+0/,
  ],
  [
    'job once --image=web:v1 -- true',
    /^job.batch\/once created$/m,
    'get job once -o wide',
    /once\s+\S+\s+0\/1\s+.*once\s+web:v1\s+batch.kubernetes.io\/controller-uid=/,
  ],
  [
    `cronjob nightly --image=web:v1 '--schedule=5 4 * * *' -- true`,
    /^cronjob.batch\/nightly created$/m,
    'get cronjob nightly',
    /nightly\s+5 4 \* \* \*\s+<none>\s+False\s+0\s+<none>/,
  ],
  [
    'ingress front --class=fine --rule=a.example/shop*=web:80,tls=cert',
    /^ingress.networking.k8s.io\/front created$/m,
    'get ingress front',
    /front\s+fine\s+a\.example\s+80, 443/,
  ],
  [
    'service clusterip inner --tcp=80:8080',
    /^service\/inner created$/m,
    'get service inner',
    /inner\s+ClusterIP\s+10\.\S+\s+<none>\s+80\/TCP/,
  ],
  [
    'service nodeport outer --tcp=80:8080',
    /^service\/outer created$/m,
    'get service outer',
    /outer\s+NodePort\s+10\.\S+\s+<none>\s+80:3\d{4}\/TCP/,
  ],
  [
    'service loadbalancer balanced --tcp=80:8080',
    /^service\/balanced created$/m,
    'get service balanced',
    /balanced\s+LoadBalancer\s+10\.\S+\s+<pending>\s+80:3\d{4}\/TCP/,
  ],
  [
    'service externalname elsewhere --external-name=elsewhere.example',
    /^service\/elsewhere created$/m,
    'get service elsewhere',
    /elsewhere\s+ExternalName\s+<none>\s+elsewhere\.example\s+<none>/,
  ],
];

function suite(version: KubectlVersion): void {
  const shell = new Shell(cluster, version, 'objects');
  const clusterWide = `compat-${shell.namespace}`;

  /** A certificate and a key make a Secret if they belong together. */
  async function certificatePairs(): Promise<void> {
    const nowMs = Date.now();
    const authority = await CertificateAuthority.create('compat', nowMs);
    const order = { commonName: 'web', usage: 'server', lifetimeMs: 3_600_000 } as const;
    const [own, other] = [await authority.issue(order, nowMs), await authority.issue(order, nowMs)];
    const cert = shell.file('tls.crt', own.certificatePem);
    const key = shell.file('tls.key', own.keyPem);
    const otherKey = shell.file('other.key', other.keyPem);
    const create = (from: string, by: string): string =>
      `create secret tls cert --cert=${from} --key=${by}`;
    await shell.refused(
      create(cert, otherKey),
      /^error: tls: private key does not match public key/m,
    );
    await shell.refused(create(key, key), /^error: tls: .*did find a private key/m);
    await shell.expect(create(cert, key), /^secret\/cert created$/m);
    await shell.expect('get secret cert', /^cert\s+kubernetes\.io\/tls\s+2\s/m);
  }

  before(async () => {
    await shell.expect(`create namespace ${shell.namespace}`, /created/);
  });
  after(async () => {
    await shell.run(
      `delete clusterrole,clusterrolebinding,priorityclass ${clusterWide} --ignore-not-found`,
    );
    await shell.run(`delete namespace ${shell.namespace}`);
  });

  test(`kubectl ${version} create makes every kind it knows`, async () => {
    for (const [command, said, look, shown] of creations(shell.namespace)) {
      await shell.expect(`create --dry-run=server -o name ${command}`, /^\S+\/\S+$/m);
      await shell.expect(`create ${command}`, said);
      await shell.expect(look, shown);
      await shell.refused(`create ${command}`, /AlreadyExists|already exists/);
    }
    await eventually(async () => {
      await shell.expect(
        'describe quota limits',
        /^Resource\s+Used\s+Hard$/m,
        /^configmaps\s+[1-9]\d*\s+20$/m,
        /^pods\s+0\s+5$/m,
        /^services\s+4\s+7$/m,
      );
    });
    await certificatePairs();
    assert.match(
      await shell.run('create configmap draft --from-literal=a=b --dry-run=client -o yaml'),
      /^data:\n {2}a: b$/m,
    );
    await shell.refused('get configmap draft', /configmaps "draft" not found/);
  });

  test(`kubectl ${version} get shows objects in every form`, async () => {
    assert.equal(await shell.run('get cm settings -o name'), 'configmap/settings\n');
    assert.equal(await shell.run('get cm settings -o jsonpath={.data.a}'), 'b');
    assert.equal(
      await shell.run('get cm settings -o custom-columns=N:.metadata.name,C:.data.c'),
      'N          C\nsettings   d\n',
    );
    assert.equal(
      await shell.run('get services --sort-by=.spec.type -o name'),
      'service/inner\nservice/elsewhere\nservice/balanced\nservice/outer\n',
    );
    assert.match(await shell.run('get cm settings -o yaml'), /^ {2}namespace: objects-/m);
    assert.doesNotMatch(await shell.run('get cm settings -o yaml'), /managedFields/);
    assert.match(
      await shell.run('get cm settings -o json --show-managed-fields'),
      /"manager": "kubectl-create"/,
    );
    assert.equal(
      (await shell.run('get services --chunk-size=1 -o name')).trim().split('\n').length,
      4,
    );
    await shell.expect('get services -L app --show-labels', /APP\s+LABELS/, /app=inner/);
    assert.equal(
      await shell.run('get services -l app=inner --field-selector=metadata.name=inner -o name'),
      'service/inner\n',
    );
    await shell.expect('get all', /deployment.apps\/idle/, /job.batch\/once/, /service\/inner/);
    await shell.expect('get cm --all-namespaces', /NAMESPACE\s+NAME/, /kube-system/);
    await shell.refused('get nonsense', /the server doesn't have a resource type "nonsense"/);
    await shell.expect('get pods -l app=none', /No resources found in objects-\S+ namespace\./);
    await shell.expect(`get --raw /api/v1/namespaces/${shell.namespace}`, /"phase":"Active"/);
  });

  test(`kubectl ${version} apply, diff and prune follow a manifest`, async () => {
    const green = shell.file('green.yaml', pair('green'));
    const red = shell.file('red.yaml', pair('red'));
    await shell.expect(`apply -f ${green}`, /pair created/, /second created/);
    await shell.expect(`apply -f ${green}`, /pair unchanged/, /second unchanged/);
    await shell.expect(`diff -f ${green}`, /^$/);
    await shell.refused(`diff -f ${red}`, /^-\s+color: green\n\+\s+color: red$/m);
    await shell.expect(`apply -f ${red} --dry-run=server`, /pair configured \(server dry run\)/);
    await shell.expect(`apply -f ${red}`, /pair configured/, /second unchanged/);
    await shell.expect('apply view-last-applied cm/pair', /color: red/);
    const onlyOne = shell.file('one.yaml', pair('red').split('---')[0] ?? '');
    await shell.expect(
      `apply --prune -l set=pairs -f ${onlyOne} --prune-allowlist=core/v1/ConfigMap`.replace(
        version === '1.24' ? 'allowlist' : 'nothing',
        'whitelist',
      ),
      /second pruned/,
    );
    await shell.refused('get cm second', /not found/);
    await shell.refused(
      'apply -f -',
      version === '1.24' ? /unknown field|invalid/ : /unknown field "datum"/,
      { input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: typo }\ndatum: {}\n' },
    );
  });

  test(`kubectl ${version} apply --server-side owns fields and names who else does`, async () => {
    const green = shell.file('ssa-green.yaml', pair('green').split('---')[0] ?? '');
    const red = shell.file('ssa-red.yaml', pair('red').split('---')[0] ?? '');
    await shell.run('delete cm pair');
    await shell.expect(`apply --server-side -f ${green}`, /pair serverside-applied/);
    await shell.refused(`diff --server-side -f ${red}`, /^-\s+color: green\n\+\s+color: red$/m);
    await shell.refused(
      `apply --server-side --field-manager=other -f ${red}`,
      /conflict with "kubectl": \.data\.color/,
    );
    assert.equal(await shell.run('get cm pair -o jsonpath={.data.color}'), 'green');
    await shell.expect(
      `apply --server-side --field-manager=other --force-conflicts -f ${red}`,
      /serverside-applied/,
    );
    assert.equal(await shell.run('get cm pair -o jsonpath={.data.color}'), 'red');
    await shell.expect(
      `apply --server-side --force-conflicts -f -`.replace('-f -', `-f ${green} --dry-run=server`),
      /serverside-applied \(server dry run\)/,
    );
    assert.equal(await shell.run('get cm pair -o jsonpath={.data.color}'), 'red');
  });

  test(`kubectl ${version} patches, replaces, edits, labels and annotates`, async () => {
    await shell.expect(`patch cm settings -p '{"data":{"e":"f"}}'`, /settings patched$/m);
    await shell.expect(
      `patch cm settings --type=json -p '[{"op":"replace","path":"/data/e","value":"g"}]'`,
      /patched$/m,
    );
    assert.equal(await shell.run('get cm settings -o jsonpath={.data.e}'), 'g');
    await shell.expect(`patch cm settings --type=merge -p '{"data":{"e":null}}'`, /patched$/m);
    await shell.expect(`patch cm settings --type=merge -p '{"data":{"e":null}}'`, /no change/);
    await shell.refused(
      `patch cm settings --type=json -p '[{"op":"remove","path":"/data/none"}]'`,
      /invalid|nonexistent/i,
    );
    const replacement = shell.file(
      'replacement.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { a: replaced }\n',
    );
    await shell.expect(`replace -f ${replacement}`, /settings replaced/);
    const editor = shell.file('editor.sh', '#!/bin/sh\nsed -i s/replaced/edited/ "$1"\n', 0o755);
    await shell.expectWith('edit cm settings', { env: { EDITOR: editor } }, /settings edited/);
    assert.equal(await shell.run('get cm settings -o jsonpath={.data}'), '{"a":"edited"}');
    await shell.expectWith('edit cm settings', { env: { EDITOR: editor } }, /no changes made/);
    await shell.expect('label cm settings tier=front', /settings labeled/);
    await shell.refused('label cm settings tier=back', /already has a value \(front\)/);
    await shell.expect('label cm settings tier=back --overwrite', /labeled/);
    await shell.expect('label cm settings tier-', /unlabeled/);
    await shell.expect(`annotate cm settings 'note=well said'`, /settings annotated/);
    assert.equal(
      await shell.run(
        "get cm settings -o 'jsonpath={.metadata.labels}{.metadata.annotations.note}'",
      ),
      'well said',
    );
    await shell.refused('label cm settings -- -bad=x', /Invalid value|invalid/);
    await shell.expect(`replace --force -f ${replacement}`, /deleted/, /replaced/);
  });

  test(`kubectl ${version} builds with kustomize`, async () => {
    shell.file('kustom/base.yaml', pair('blue').split('---')[0] ?? '');
    shell.file(
      'kustom/kustomization.yaml',
      'resources: [base.yaml]\nnamePrefix: built-\nconfigMapGenerator: [{ name: made, literals: [x=1] }]\n',
    );
    await shell.expect('kustomize kustom', /name: built-pair/, /name: built-made-\w+/);
    await shell.expect('apply -k kustom', /configmap\/built-pair created/);
    await shell.expect('get cm built-pair -o jsonpath={.data.color}', /^blue$/);
    await shell.expect('delete -k kustom', /configmap "built-pair" deleted/);
  });

  test(`kubectl ${version} knows what the server offers`, async () => {
    await shell.expect('api-versions', /^apps\/v1$/m, /^v1$/m, /^resource\.k8s\.io\/v1$/m);
    await shell.expect(
      'api-resources -o wide',
      /^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment\s+\S*create.*watch/m,
      /^nodes\s+no\s+v1\s+false\s+Node/m,
    );
    await shell.expect(
      'api-resources --namespaced=false --api-group=storage.k8s.io -o name',
      /^csidrivers\.storage\.k8s\.io$/m,
    );
    await shell.expect(
      'explain deployment.spec.strategy',
      /VERSION:\s+(apps\/)?v1/,
      /rollingUpdate\s+</,
    );
    await shell.expect(
      'explain pod --recursive',
      /containers\s+<\[\](Container|Object)>/,
      /livenessProbe\s+<(Probe|Object)>/,
    );
    await shell.refused('explain pod.spec.nonsense', /field "nonsense" does not exist/);
    await shell.expect('version', /v1\.36\.\d+\+pintle/);
    await shell.expect(
      'cluster-info',
      /control plane.* is running at .*https:\/\/10\.77\.0\.11:6443/,
    );
    await shell.expect('completion bash', /__start_kubectl/);
    await shell.completes(`-n ${shell.namespace} get cm sett`, /^settings$/m);
  });

  test(`kubectl ${version} config keeps clusters, users and contexts`, async () => {
    const own = `--kubeconfig=${shell.folder}/own.conf`;
    shell.file('own.conf', '');
    await shell.run(`config set-cluster lab --server=https://10.77.0.11:6443 ${own}`);
    await shell.run(`config set-credentials me --token=wrong ${own}`);
    await shell.run(`config set-context lab --cluster=lab --user=me --namespace=here ${own}`);
    await shell.run(`config use-context lab ${own}`);
    await shell.expect(`config get-contexts ${own}`, /\*\s+lab\s+lab\s+me\s+here/);
    assert.equal(await shell.run(`config current-context ${own}`), 'lab\n');
    await shell.refused(`get pods ${own}`, /certificate signed by unknown authority/);
    await shell.refused(
      `get pods --insecure-skip-tls-verify ${own}`,
      /You must be logged in to the server|Unauthorized/,
    );
    await shell.expect('config view --minify', /server: https:\/\/10\.77\.0\.11:6443/);
  });

  test(`kubectl ${version} waits and watches`, async () => {
    await shell.during('get cm settings --watch', async ({ output }) => {
      await eventually(() => {
        assert.match(output(), /settings\s+1/);
      });
      await shell.run(`patch cm settings -p '{"data":{"new":"entry"}}'`);
      await eventually(() => {
        assert.match(output(), /settings\s+1[^]*settings\s+2/);
      });
    });
    // The finalizer keeps the object until kubectl has begun to wait.
    await shell.run(`patch cm settings -p '{"metadata":{"finalizers":["example.com/held"]}}'`);
    await shell.run('delete cm settings --wait=false');
    await shell.during('wait --for=delete cm/settings --timeout=20s -v=6', async ({ output }) => {
      await eventually(() => {
        assert.match(output(), /watch=true/);
      });
      await shell.run(`patch cm settings -p '{"metadata":{"finalizers":null}}'`);
      await eventually(() => {
        assert.match(output(), /settings condition met/);
      });
    });
    await shell.refused(
      'wait --for=condition=Complete job/once --timeout=1s',
      /timed out waiting for the condition on jobs\/once/,
    );
    await shell.expect("wait --for=jsonpath='{.spec.replicas}'=0 deployment/idle", /condition met/);
  });

  test(`kubectl ${version} deletes by name, selector and file`, async () => {
    await shell.expect('delete service inner outer', /service "inner" deleted/, /"outer" deleted/);
    await shell.refused('delete service inner', /services "inner" not found/);
    assert.equal(await shell.run('delete service inner --ignore-not-found'), '');
    await shell.expect('delete service -l app=balanced', /"balanced" deleted/);
    await shell.expect('delete deployment idle --cascade=orphan', /"idle" deleted/);
    await eventually(async () => {
      await shell.expect('get rs -o name', /replicaset.apps\/idle-/);
    });
    await shell.expect('delete rs --all', /replicaset.apps "idle-\S+" deleted/);
    await shell.expect('delete secret --all --dry-run=server', /deleted.*\(server dry run\)/);
    await shell.expect('get secret password', /Opaque/);
  });
}

describe('objects in the hands of kubectl', { concurrency: true }, () => {
  for (const version of ['1.35', '1.24'] as const) {
    describe(version, { concurrency: false }, () => {
      suite(version);
    });
  }
});
