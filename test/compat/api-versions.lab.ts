/** Alpha and beta versions, switched on with `--runtime-config`, seen with stock kubectl. */
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { sharedCluster } from '../lab/cluster.js';
import { Shell } from './shell.js';

const cluster = sharedCluster();
const shell = new Shell(cluster, '1.35', 'versions');
const { namespace } = shell;

async function startMaster(flags: readonly string[]): Promise<void> {
  await cluster.crashMaster();
  await cluster.startMaster(flags);
}

const candidate = (version: string): string => `
apiVersion: coordination.k8s.io/${version}
kind: LeaseCandidate
metadata: { name: one, namespace: ${namespace} }
spec:
  leaseName: lead
  binaryVersion: 1.36.0
  emulationVersion: 1.36.0
  strategy: OldestEmulationVersion
`;

const dependent = (uid: string): string => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: dependent
  namespace: ${namespace}
  ownerReferences: [{ apiVersion: coordination.k8s.io/v1beta1, kind: LeaseCandidate, name: one, uid: ${uid} }]
`;

const claim = `
apiVersion: resource.k8s.io/v1beta1
kind: ResourceClaim
metadata: { name: gpu, namespace: ${namespace} }
spec:
  devices:
    requests: [{ name: gpu, deviceClassName: gpus, allocationMode: ExactCount, count: 1 }]
`;

describe('versions that are switched on', () => {
  before(async () => {
    await startMaster(['--runtime-config=api/all=true']);
    await shell.run(`create namespace ${namespace}`);
  });

  after(async () => {
    await shell.run(`delete namespace ${namespace}`);
    await startMaster([]);
  });

  test('kubectl finds, explains and lists them', async () => {
    await shell.expect('api-versions', /^coordination\.k8s\.io\/v1alpha2$/m);
    await shell.expect('api-resources --api-group=scheduling.k8s.io', /podgroups/, /workloads/);
    await shell.expect(
      'explain leasecandidates.spec --api-version=coordination.k8s.io/v1beta1',
      /binaryVersion\s+<string> -required-/,
    );
    await shell.expect('get apiservice v1beta1.coordination.k8s.io', /Local\s+True/);
    await shell.expect(
      `get leasecandidates.v1beta1.coordination.k8s.io -n ${namespace}`,
      /No resources found/,
    );
  });

  test('kubectl applies them in one version and reads them in the other', async () => {
    const beta = shell.file('beta.yaml', candidate('v1beta1'));
    const alpha = shell.file('alpha.yaml', candidate('v1alpha2'));
    await shell.expect(`apply -f ${beta}`, /leasecandidate\S* created/);
    await shell.expect(`apply -f ${beta}`, /unchanged/);
    await shell.expect(`apply --server-side --force-conflicts -f ${alpha}`, /serverside-applied/);
    await shell.expect(
      `get leasecandidates.v1alpha2.coordination.k8s.io one -n ${namespace}`,
      /NAME\s+LEASENAME\s+BINARYVERSION\s+EMULATIONVERSION\s+AGE\s+one\s+lead\s+1\.36\.0\s+1\.36\.0/,
    );
    const older = shell.file('claim.yaml', claim);
    await shell.expect(`apply -f ${older}`, /resourceclaim\S* created/);
    await shell.expect(`apply -f ${older}`, /unchanged/);
    await shell.expect(
      `get resourceclaims.v1.resource.k8s.io gpu -n ${namespace} -o jsonpath={.spec.devices.requests[0].exactly.deviceClassName}`,
      /^gpus$/,
    );
  });

  test('what they own goes with them', async () => {
    const uid = await shell.run(
      `get leasecandidate one -n ${namespace} -o jsonpath={.metadata.uid}`,
    );
    await shell.run(`apply -f ${shell.file('dependent.yaml', dependent(uid))}`);
    await shell.run(`delete leasecandidate one -n ${namespace}`);
    await shell.run(`wait --for=delete configmap/dependent -n ${namespace} --timeout=20s`);
  });

  test('they are kept while they are switched off', async () => {
    await shell.run(`apply -f ${shell.file('beta.yaml', candidate('v1beta1'))}`);
    await startMaster([]);
    await shell.refused(
      `get leasecandidates -n ${namespace}`,
      /doesn't have a resource type|could not find the requested resource/,
    );
    await eventually(
      () => shell.refused('get apiservice v1beta1.coordination.k8s.io', /NotFound/),
      {
        what: 'the APIService to go',
      },
    );
    await startMaster(['--runtime-config=api/all=true']);
    await shell.expect(`get leasecandidate one -n ${namespace}`, /^one\s/m);
  });
});
