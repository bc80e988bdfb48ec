/** Templates stored with faults: what was wrong already may stay in an update, nothing new may come. */
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { cronJobs } from '../../../batch/v1/cron-job.js';
import { jobs } from '../../../batch/v1/job.js';
import { daemonSets } from '../../../apps/v1/daemon-set.js';
import { deployments } from '../../../apps/v1/deployment.js';
import { replicaSets } from '../../../apps/v1/replica-set.js';
import type { KubeObject } from '../../../meta/v1/types.js';
import type { ResourceDefinition } from '../../../schema/resource.js';
import { podTemplates } from '../pod-template.js';
import { replicationControllers } from '../replication-controller.js';

const labels = { app: 'web' };
const selector = { matchLabels: labels };

const templateWith = (policy: string, container: object): object => ({
  metadata: { labels },
  spec: {
    restartPolicy: policy,
    containers: [{ name: 'c', image: 'app:1', ...container }],
  },
});

type Make = (container: object) => object;
const running: Make = (container) => ({
  spec: { selector, template: templateWith('Always', container) },
});
const job = (container: object): { spec: object } => ({
  spec: { template: templateWith('Never', container) },
});

function keepsFaults<T extends KubeObject>(
  resource: ResourceDefinition<T>,
  make: Make,
  field = 'spec.template',
): void {
  const made = (container: object): T => {
    const object = {
      metadata: { name: 'web', uid: 'u', resourceVersion: '7' },
      ...structuredClone(make(container)),
    } as unknown as T;
    resource.defaults?.(object);
    return object;
  };
  const texts = (object: T, stored?: T): string[] =>
    resource.validate(object, stored).map((error) => `${error.field}: ${error.message}`);

  test(`${resource.plural} may keep what was wrong with their template`, () => {
    const bad = { terminationMessagePolicy: 'Never' };
    const stored = made(bad);
    const first = `${field}.spec.containers[0]`;
    const known = `${first}.terminationMessagePolicy: Unsupported value: "Never": supported values: "File", "FallbackToLogsOnError"`;
    assert.deepEqual(texts(stored), [known]);
    assert.deepEqual(texts(made({ ...bad, workingDir: '/srv' }), stored), []);
    assert.deepEqual(texts(made({ ...bad, imagePullPolicy: 'Often' }), stored), [
      `${first}.imagePullPolicy: Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never"`,
    ]);
    assert.deepEqual(texts(stored, made({})), [known]);
  });
}

keepsFaults(deployments, running);
keepsFaults(replicaSets, running);
keepsFaults(daemonSets, running);
keepsFaults(replicationControllers, (container) => ({
  spec: { selector: labels, template: templateWith('Always', container) },
}));
keepsFaults(jobs, (container) => ({
  spec: { ...job(container).spec, selector, manualSelector: true },
}));
keepsFaults(
  cronJobs,
  (container) => ({ spec: { schedule: '@daily', jobTemplate: job(container) } }),
  'spec.jobTemplate.spec.template',
);
keepsFaults(
  podTemplates,
  (container) => ({ template: templateWith('Always', container) }),
  'template',
);
