/** Stock Helm, 3 and 4: the life of the chart that `helm create` writes, and of one with custom resources and hooks. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { sharedCluster } from '../lab/cluster.js';
import type { KubectlVersion } from '../lab/stock-clients.js';
import { Shell } from './shell.js';

const cluster = sharedCluster();

const helmOf: Readonly<Record<KubectlVersion, string>> = { '1.35': 'Helm 4', '1.24': 'Helm 3' };

/** The chart's own test wants an image of the internet; its autoscaler, as Helm 3.9 writes it, an API that Kubernetes 1.26 ended. */
const testPod = `
apiVersion: v1
kind: Pod
metadata:
  name: "{{ include "web.fullname" . }}-test"
  annotations: { "helm.sh/hook": test, "helm.sh/hook-delete-policy": before-hook-creation }
spec:
  restartPolicy: Never
  containers:
    - name: ask
      image: web:v1
      command: [sh, -c, 'fetch {{ include "web.fullname" . }} {{ .Values.service.port }} | grep "^v"']
`;

const autoscaler = `
{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: {{ include "web.fullname" . }} }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ include "web.fullname" . }} }
  minReplicas: 1
  maxReplicas: 3
{{- end }}
`;

const values = 'image: { repository: web, tag: v1 }\nservice: { port: 8080 }\n';

/** A custom resource beside its definition, and a hook before and after the installation. */
const hookedChart: Readonly<Record<string, (group: string) => string>> = {
  'Chart.yaml': () => 'apiVersion: v2\nname: hooked\nversion: 0.1.0\n',
  'crds/crd.yaml': (group) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.${group} }
spec:
  group: ${group}
  scope: Namespaced
  names: { plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { size: { type: integer, default: 7 } } }
`,
  'templates/gadget.yaml': (group) => `
apiVersion: ${group}/v1
kind: Gadget
metadata: { name: "{{ .Release.Name }}" }
spec: {}
`,
  'templates/hooks.yaml': () => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: "{{ .Release.Name }}-before"
  annotations: { "helm.sh/hook": pre-install, "helm.sh/hook-weight": "-5" }
data: { revision: "{{ .Release.Revision }}" }
---
apiVersion: v1
kind: Pod
metadata:
  name: "{{ .Release.Name }}-after"
  annotations: { "helm.sh/hook": "post-install,post-upgrade", "helm.sh/hook-delete-policy": hook-succeeded }
spec:
  restartPolicy: Never
  containers: [{ name: after, image: web:v1, command: ['true'] }]
`,
};

function chartOfHelmCreate(shell: Shell): void {
  const name = helmOf[shell.version];
  const deployed = (): Promise<string> =>
    shell.run(
      'get deployment web -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}',
    );

  test(`${name} installs the chart it creates and waits for it`, async () => {
    await shell.helm('create web');
    rmSync(path.join(shell.folder, 'web/templates/tests'), { recursive: true });
    // Helm 3.9's chart does not tell its container about the port.
    const deployment = path.join(shell.folder, 'web/templates/deployment.yaml');
    const text = readFileSync(deployment, 'utf8');
    writeFileSync(deployment, text.replace('containerPort: 80\n', 'containerPort: 8080\n'));
    shell.file('web/templates/hpa.yaml', autoscaler);
    shell.file('web/templates/tests/test.yaml', testPod);
    const more = shell.file(
      'values.yaml',
      `${values}ingress: { enabled: true }\nautoscaling: { enabled: true }\n`,
    );
    const dryRun = shell.version === '1.24' ? '--dry-run' : '--dry-run=server';
    assert.match(await shell.helm(`install web ./web -f ${more} ${dryRun}`), /kind: Deployment/);
    await shell.refused('get deployment web', /not found/);
    const said = await shell.helm(`install web ./web -f ${more} --wait --timeout=60s`);
    assert.match(said, /STATUS: deployed[^]*REVISION: 1/);
    assert.equal(await deployed(), '1/web:v1');
    await shell.expect('get deployment web', /web\s+1\/1\s+1\s+1/);
    await shell.expect(
      'get sa,ing,hpa',
      /serviceaccount\/web/,
      /chart-example\.local/,
      /Deployment\/web/,
    );
    assert.match(await shell.helm('list'), /^web\s+\S+\s+1\s.*deployed\s+web-0\.1\.0/m);
  });

  test(`${name} upgrades, tells the history and rolls back`, async () => {
    const changed = '--set image.tag=v2 --set replicaCount=2 --set autoscaling.enabled=false';
    await shell.helm(`upgrade web ./web --reuse-values ${changed} --wait --timeout=60s`);
    assert.equal(await deployed(), '2/web:v2');
    await shell.refused('get hpa web', /not found/);
    assert.match(await shell.helm('get values web'), /tag: v2/);
    assert.match(await shell.helm('get manifest web'), /image: "?web:v2"?/);
    await shell.helm('rollback web 1 --wait --timeout=60s');
    assert.match(await deployed(), /web:v1$/);
    await shell.expect('get hpa web', /Deployment\/web/);
    const history = await shell.helm('history web');
    assert.match(history, /^1\s.*superseded/m);
    assert.match(history, /^2\s.*superseded.*Upgrade complete/m);
    assert.match(history, /^3\s.*deployed.*Rollback to 1/m);
    await shell.expect('get secrets -l owner=helm -o name', /sh\.helm\.release\.v1\.web\.v3/);
  });

  test(`${name} runs the chart's test and reports an upgrade that fails`, async () => {
    assert.match(await shell.helm('test web --timeout=60s'), /Phase:\s+Succeeded/);
    await assert.rejects(
      shell.helm('upgrade web ./web --reuse-values --set service.port=0'),
      /Service "web" is invalid: .*spec\.ports\[0\]\.port/,
    );
    assert.match(await shell.helm('history web'), /^4\s.*failed/m);
    await assert.rejects(
      shell.helm('upgrade web ./web --reuse-values --set image.tag=none --wait --timeout=3s'),
      /timed out|deadline exceeded|not ready/,
    );
    await shell.helm('rollback web 3 --wait --timeout=60s');
  });

  test(`${name} uninstalls and leaves nothing`, async () => {
    assert.match(
      await shell.helm('uninstall web --wait --timeout=60s'),
      /release "web" uninstalled/,
    );
    await eventually(async () => {
      await shell.expect(
        'get deployment,rs,service,ingress,hpa,sa,secret -l app.kubernetes.io/name=web',
        /No resources found/,
      );
    });
    assert.doesNotMatch(await shell.helm('list'), /web/);
  });
}

function chartWithHooks(shell: Shell): void {
  const name = helmOf[shell.version];
  const group = `${shell.namespace}.example`;
  after(() => shell.run(`delete crd gadgets.${group} --ignore-not-found`));

  test(`${name} installs definitions first and runs hooks`, async () => {
    for (const [file, text] of Object.entries(hookedChart))
      shell.file(`hooked/${file}`, text(group));
    await shell.helm('install hooked ./hooked --wait --timeout=60s');
    assert.equal(await shell.run(`get gadgets.${group} hooked -o jsonpath={.spec.size}`), '7');
    assert.equal(await shell.run('get cm hooked-before -o jsonpath={.data.revision}'), '1');
    await shell.refused('get pod hooked-after', /not found/);
    await shell.helm('upgrade hooked ./hooked --wait --timeout=60s');
    await shell.helm('uninstall hooked');
    await shell.refused(`get gadgets.${group} hooked`, /not found/);
    await shell.expect(`get crd gadgets.${group}`, /gadgets/);
  });
}

describe('charts in the hands of Helm', { concurrency: true }, () => {
  for (const version of ['1.35', '1.24'] as const) {
    describe(helmOf[version], { concurrency: false }, () => {
      const shell = new Shell(cluster, version, 'helm');
      before(async () => {
        await shell.run(`create namespace ${shell.namespace}`);
      });
      after(async () => {
        await shell.run(`delete namespace ${shell.namespace}`);
      });
      chartOfHelmCreate(shell);
      chartWithHooks(shell);
      test(`${helmOf[version]} is who wrote what it wrote`, async () => {
        await shell.helm('install owned ./hooked');
        const managers = await shell.run(
          `get gadgets.${shell.namespace}.example owned --show-managed-fields -o 'jsonpath={range .metadata.managedFields[*]}{.manager}:{.operation} {end}'`,
        );
        assert.equal(managers, version === '1.35' ? 'helm:Apply ' : 'helm:Update ');
        await shell.helm('uninstall owned');
      });
    });
  }
});
