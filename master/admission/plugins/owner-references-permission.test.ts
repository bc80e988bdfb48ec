import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRequest } from '../admission.js';
import { refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import { ownerReferencesPermission } from './owner-references-permission.js';

const nodes = resourceNamed('', 'nodes', 'Cluster');
const owners = resourceNamed('apps', 'owners');
const kinds = new Map([
  ['Node', nodes],
  ['Owner', owners],
]);
const asked: string[] = [];
const plugin = (...rights: readonly string[]) => {
  asked.length = 0;
  return ownerReferencesPermission({
    resourceOfKind: ({ kind }) => kinds.get(kind),
    authorize: ({ verb, resource }: AccessRequest) => {
      const { plural = '', subresource = '', namespace = '', name = '' } = resource ?? {};
      const right = `${verb} ${plural}/${subresource} ${namespace}/${name}`;
      asked.push(right);
      return { allowed: rights.includes(right), reason: '' };
    },
  });
};

const resource = resourceNamed('', 'things');
const thing = (...ownerReferences: readonly object[]) => ({
  metadata: { name: 't', namespace: 'n', ownerReferences },
});
const owner = (kind: string, blockOwnerDeletion: boolean, uid = 'u') => ({
  apiVersion: kind === 'Node' ? 'v1' : 'apps/v1',
  kind,
  name: 'o',
  uid,
  blockOwnerDeletion,
});
const create = (object: object) => requestOf({ resource, namespace: 'n', object });
const update = (object: object, stored: object) => ({
  ...requestOf({ resource, namespace: 'n', object, stored }),
  operation: 'UPDATE' as const,
});

test('owner references may be set on what is created, and left as they are', async () => {
  assert.equal(await refusalOf(plugin(), create(thing(owner('Owner', false)))), undefined);
  const same = thing(owner('Owner', true));
  assert.equal(await refusalOf(plugin(), update(same, same)), undefined);
  assert.deepEqual(asked, []);
});

test('owner references are changed by who may delete the object', async () => {
  const request = update(thing(owner('Owner', false)), thing());
  assert.match(
    (await refusalOf(plugin(), request)) ?? '',
    /cannot set an ownerRef on a resource you can't delete: , <nil>$/,
  );
  assert.equal(await refusalOf(plugin('delete things/ n/t'), request), undefined);
});

test('an owner waits only for who may set its finalizers', async () => {
  const right = 'update owners/finalizers n/o';
  const request = create(thing(owner('Owner', true)));
  assert.match(
    (await refusalOf(plugin(), request)) ?? '',
    /refers to a resource you can't set finalizers on: , <nil>$/,
  );
  assert.equal(await refusalOf(plugin(right), request), undefined);
  const onNode = create(thing(owner('Node', true)));
  assert.equal(await refusalOf(plugin('update nodes/finalizers /o'), onNode), undefined);
  const before = thing(owner('Owner', true));
  const more = update(thing(owner('Owner', true), owner('Node', false, 'v')), before);
  assert.equal(await refusalOf(plugin('delete things/ n/t'), more), undefined);
});

test('no owner of a kind that nobody knows waits', async () => {
  assert.match(
    (await refusalOf(plugin(), create(thing(owner('Stranger', true))))) ?? '',
    /cannot find RESTMapping for APIVersion apps\/v1 Kind Stranger: no matches for kind "Stranger" in version "apps\/v1"$/,
  );
});
