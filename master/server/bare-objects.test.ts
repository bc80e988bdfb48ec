/** Objects that lack everything: nothing may take for granted what validation has not looked at yet. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { serviceAccounts } from '../../api/core/v1/service-account.js';
import { isStatusError } from '../../api/meta/status-error.js';
import { builtInResources } from '../../api/resources.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { apiVersionOf } from '../../api/schema/resource.js';
import { Api } from './api-fixture.test.js';

const bodies: Readonly<Record<string, object>> = {
  'nothing at all': {},
  'empty metadata': { metadata: {} },
  'an empty spec': { metadata: {}, spec: {} },
  'an empty template': { metadata: {}, spec: { template: {} } },
  'an empty template spec': { metadata: {}, spec: { template: { metadata: {}, spec: {} } } },
  'only a name': { metadata: { name: 'a' } },
};

test('an object with next to nothing in it is taken or refused, whatever its kind', async () => {
  const api = await new Api().start();
  // A pod waits for it.
  await api.post(serviceAccounts, { metadata: { name: 'default' } });
  const broken: string[] = [];
  for (const resource of builtInResources) {
    const { kind } = resource;
    const apiVersion = apiVersionOf(resource);
    const attempt = async (what: string, write: () => Promise<unknown>): Promise<void> => {
      try {
        await write();
      } catch (error) {
        if (!isStatusError(error) || error.code >= 500)
          broken.push(`${what} ${kind}: ${String(error)}`);
      }
    };
    for (const [what, body] of Object.entries(bodies))
      await attempt(`create with ${what}`, () => api.post(resource, { apiVersion, kind, ...body }));
    const named = { apiVersion, kind, metadata: { name: 'a' } } as KubeObject;
    await attempt('replace by a name', () => api.put(resource, named));
    for (const subresource of ['status', ...resource.subresources.map(({ name }) => name)]) {
      const body = { ...named, status: { conditions: [{}] } };
      await attempt(`put ${subresource} of`, () => api.put(resource, body, { subresource }));
    }
  }
  assert.deepEqual(broken, []);
});
