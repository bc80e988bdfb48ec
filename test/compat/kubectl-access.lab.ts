/** Who may do what, asked and answered with stock kubectl: roles, tokens, certificates. Once with each kubectl. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createSigningRequest } from '../../machinery/certificates/certificates.js';
import { eventually } from '../../testing/eventually.js';
import { sharedCluster } from '../lab/cluster.js';
import { Shell } from './shell.js';

const cluster = sharedCluster();

const signingRequest = (name: string, requestPem: string): string => `
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: ${name} }
spec:
  request: ${Buffer.from(requestPem).toString('base64')}
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
  expirationSeconds: 3600
`;

const desiredRole = (namespace: string, rule: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reconciled, namespace: ${namespace} }
rules: [${rule}]
`;

function suite(shell: Shell): void {
  const { version, namespace } = shell;
  const robot = `system:serviceaccount:${namespace}:robot`;

  test(`kubectl ${version} auth tells what a subject may do`, async () => {
    await shell.run('create serviceaccount robot');
    await shell.refused(`auth can-i list pods --as=${robot}`, /^no/);
    await shell.run('create role reader --verb=get,list --resource=pods,pods/log');
    await shell.run(`create rolebinding robot --role=reader --serviceaccount=${namespace}:robot`);
    await eventually(async () => {
      await shell.expect(`auth can-i list pods --as=${robot}`, /^yes\n$/);
    });
    await shell.refused(`auth can-i delete pods --as=${robot}`, /^no/);
    await shell.expect(`auth can-i get pods --subresource=log --as=${robot}`, /^yes/);
    await shell.expect(`auth can-i --list --as=${robot}`, /^pods\s+\[\]\s+\[\]\s+\[get list\]$/m);
    await shell.refused(
      `delete pod nobody --as=${robot}`,
      /User "system:serviceaccount:access-\S+:robot" cannot delete resource "pods" in API group "" in the namespace "access-/,
    );
    await shell.refused(
      `create role greedy --verb=delete --resource=secrets --as=${robot}`,
      /cannot create resource "roles" in API group "rbac.authorization.k8s.io"/,
    );
    if (version === '1.35') {
      await shell.expect(`auth whoami --as=jane --as-group=ops`, /Username\s+jane/, /ops/);
      await shell.expect('auth whoami', /Groups\s+\[system:masters/);
    }
  });

  test(`kubectl ${version} auth reconcile brings roles to what a manifest says`, async () => {
    const one = shell.file(
      'one.yaml',
      desiredRole(namespace, "{ apiGroups: [''], resources: [pods], verbs: [get] }"),
    );
    const two = shell.file(
      'two.yaml',
      desiredRole(namespace, "{ apiGroups: [''], resources: [secrets], verbs: [list] }"),
    );
    await shell.expect(`auth reconcile -f ${one}`, /reconciled reconciled/);
    await shell.expect(`auth reconcile -f ${two}`, /missing rules added|reconciled/);
    await shell.expect('get role reconciled -o jsonpath={.rules[*].resources}', /pods.*secrets/);
    await shell.expect(`auth reconcile --remove-extra-permissions -f ${two}`, /reconciled/);
    await shell.expect('get role reconciled -o jsonpath={.rules[*].resources}', /^\["secrets"\]$/);
  });

  test(`kubectl ${version} may not give away more than it has`, async () => {
    await shell.run(`create rolebinding admin --clusterrole=admin --user=jane`);
    await eventually(async () => {
      await shell.refused(
        'create role nodes --verb=get --resource=persistentvolumes --as=jane',
        /is attempting to grant RBAC permissions not currently held:[^]*Resources:\["persistentvolumes"\]/,
      );
    });
    await shell.expect('create role fine --verb=get --resource=pods --as=jane', /created/);
  });

  test(`kubectl ${version} create token makes credentials that work`, async () => {
    const token = (await shell.run('create token robot --duration=20m')).trim();
    assert.match(token, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    const own = `--kubeconfig=${shell.file('robot.conf', '')}`;
    await shell.run(
      `config set-cluster lab --server=https://10.77.0.11:6443 --insecure-skip-tls-verify ${own}`,
    );
    await shell.run(`config set-credentials robot --token=${token} ${own}`);
    await shell.run(`config set-context robot --cluster=lab --user=robot ${own}`);
    await shell.run(`config use-context robot ${own}`);
    await shell.expect(`get pods ${own}`, /No resources found/);
    await shell.refused(`get secrets ${own}`, /Forbidden.*cannot list resource "secrets"/);
    await shell.refused('create token nobody', /serviceaccounts "nobody" not found/);
    await shell.refused(
      'create token robot --duration=1m',
      /may not specify a duration (less|shorter) than 10 minutes/,
    );
    await shell.run('delete serviceaccount robot');
    await eventually(async () => {
      await shell.refused(`get pods ${own}`, /You must be logged in to the server|Unauthorized/);
    });
  });

  test(`kubectl ${version} approves a person's certificate, and denies another`, async () => {
    const { requestPem, keyPem } = await createSigningRequest({
      commonName: 'jane',
      organizations: [namespace],
    });
    const good = `good-${namespace}`;
    const bad = `bad-${namespace}`;
    for (const name of [good, bad])
      await shell.run(`create -f ${shell.file(`${name}.yaml`, signingRequest(name, requestPem))}`);
    await shell.expect(
      `get csr ${good}`,
      /kubernetes\.io\/kube-apiserver-client\s+\S+\s+\S+\s+Pending/,
    );
    await shell.expect(`certificate approve ${good}`, /approved/);
    await shell.expect(`certificate deny ${bad}`, /denied/);
    await eventually(async () => {
      await shell.expect(`get csr ${good}`, /Approved,Issued/);
    });
    await shell.expect(`get csr ${bad}`, /Denied$/m);
    const pem = Buffer.from(
      await shell.run(`get csr ${good} -o jsonpath={.status.certificate}`),
      'base64',
    );
    const own = `--kubeconfig=${shell.file('jane.conf', '')}`;
    const files = [
      `--client-certificate=${shell.file('jane.crt', pem.toString())}`,
      `--client-key=${shell.file('jane.key', keyPem)}`,
    ].join(' ');
    await shell.run(
      `config set-cluster lab --server=https://10.77.0.11:6443 --insecure-skip-tls-verify ${own}`,
    );
    await shell.run(`config set-credentials jane ${files} ${own}`);
    await shell.run(`config set-context jane --cluster=lab --user=jane ${own}`);
    await shell.run(`config use-context jane ${own}`);
    await shell.expect(`get pods ${own}`, /No resources found/);
    await shell.refused(`get nodes ${own}`, /User "jane" cannot list resource "nodes"/);
    await shell.run(`delete csr ${good} ${bad}`);
  });
}

describe('access in the hands of kubectl', { concurrency: true }, () => {
  for (const version of ['1.35', '1.24'] as const) {
    describe(version, { concurrency: false }, () => {
      const shell = new Shell(cluster, version, 'access');
      before(async () => {
        await shell.run(`create namespace ${shell.namespace}`);
      });
      after(async () => {
        await shell.run(`delete namespace ${shell.namespace}`);
      });
      suite(shell);
    });
  }
});
