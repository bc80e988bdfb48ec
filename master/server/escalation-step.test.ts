import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badRequest } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { roles } from '../../api/rbac/v1/role.js';
import type { Role } from '../../api/rbac/v1/types.js';
import { erased } from '../../api/resources.js';
import { admitAll } from '../registry/hooks.js';
import type { AdmissionStep, WriteAttributes } from '../registry/hooks.js';
import type { ApiRequest } from './api-request.js';
import { checkedForEscalation } from './escalation-step.js';

const rule = { verbs: ['get'], apiGroups: [''], resources: ['secrets'] };
const addRule = ({ object }: WriteAttributes): void => {
  (object as Role).rules = [rule];
};
const halves: Readonly<Record<string, AdmissionStep>> = {
  'at once': { ...admitAll, mutate: addRule },
  'after a while': {
    ...admitAll,
    mutate: (attributes) =>
      Promise.resolve().then(() => {
        addRule(attributes);
      }),
  },
};

for (const [when, step] of Object.entries(halves)) {
  test(`a rule that admission adds ${when} must be held as well`, async () => {
    const checked = checkedForEscalation(
      ({ object }) => {
        if ((object as Role).rules?.length !== 0) throw badRequest('not held');
      },
      () => step,
    );
    const request = { user: { username: 'u', groups: [] }, target: { name: '' } };
    const admission = checked(request as unknown as ApiRequest, erased(roles));
    const object = { kind: 'Role', metadata: { name: 'r' }, rules: [] } as unknown as KubeObject;
    const attributes = { operation: 'CREATE', subresource: '', namespace: 'n', name: 'r' } as const;
    await assert.rejects(
      async () => admission.mutate({ ...attributes, object, dryRun: false }),
      /not held/,
    );
  });
}
