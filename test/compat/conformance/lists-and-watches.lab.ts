/** What Kubernetes’ conformance tests ask of lists in chunks and of watches. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { valueAt } from '../../../testing/value-at.js';
import { sharedCluster } from '../../lab/cluster.js';
import { type Answer, type Watching, WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const namespace = 'conformance-watch';
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;

const configMap = (name: string, color: string): object => ({
  metadata: { name, labels: { color } },
});
const setData = (name: string, mutation: string): Promise<Answer> =>
  api.patch(`${configMaps}/${name}`, 'merge-patch', { data: { mutation } });
const setColor = (name: string, color: string): Promise<Answer> =>
  api.patch(`${configMaps}/${name}`, 'merge-patch', { metadata: { labels: { color } } });

before(async () => {
  (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
});
after(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
});

describe('a watch', () => {
  const open: Watching[] = [];
  const watch = async (query: string): Promise<Watching> => {
    const watching = await api.watch(`${configMaps}?${query}`);
    open.push(watching);
    return watching;
  };
  after(() => {
    for (const watching of open) watching.close();
  });

  test('sees additions, changes and deletions of what its selector names, and nothing else', async () => {
    const red = await watch('labelSelector=color=red');
    const blue = await watch('labelSelector=color=blue');
    const both = await watch('labelSelector=color+in+(red,blue)');
    (await api.post(configMaps, configMap('red-one', 'red'))).expect(201);
    (await setData('red-one', '1')).expect(200);
    (await setData('red-one', '2')).expect(200);
    (await api.delete(`${configMaps}/red-one`)).expect(200);
    (await api.post(configMaps, configMap('blue-one', 'blue'))).expect(201);
    (await api.delete(`${configMaps}/blue-one`)).expect(200);
    const ofRed = [
      'ADDED red-one undefined',
      'MODIFIED red-one 1',
      'MODIFIED red-one 2',
      'DELETED red-one 2',
    ];
    const ofBlue = ['ADDED blue-one undefined', 'DELETED blue-one undefined'];
    await both.sees([...ofRed, ...ofBlue], 'data.mutation');
    await red.sees(ofRed, 'data.mutation');
    await blue.sees(ofBlue, 'data.mutation');
  });

  test('begins after the version it names, whichever watch saw that version', async () => {
    const broken = await watch('labelSelector=color=green');
    (await api.post(configMaps, configMap('kept', 'green'))).expect(201);
    (await setData('kept', '1')).expect(200);
    await broken.sees(['ADDED kept undefined', 'MODIFIED kept 1'], 'data.mutation');
    broken.close();
    (await setData('kept', '2')).expect(200);
    const last = String(valueAt(broken.seen.at(-1)?.object, 'metadata.resourceVersion'));
    const again = await watch(`labelSelector=color=green&resourceVersion=${last}`);
    (await api.delete(`${configMaps}/kept`)).expect(200);
    await again.sees(['MODIFIED kept 2', 'DELETED kept 2'], 'data.mutation');
  });

  test('takes an object that leaves its selector for deleted, and one that comes back for new', async () => {
    const watching = await watch('labelSelector=color=grey');
    (await api.post(configMaps, configMap('turning', 'grey'))).expect(201);
    (await setData('turning', '1')).expect(200);
    (await setColor('turning', 'black')).expect(200);
    (await setData('turning', '2')).expect(200);
    (await setColor('turning', 'grey')).expect(200);
    (await setData('turning', '3')).expect(200);
    (await api.delete(`${configMaps}/turning`)).expect(200);
    await watching.sees(
      [
        'ADDED turning undefined',
        'MODIFIED turning 1',
        'DELETED turning 1',
        'ADDED turning 2',
        'MODIFIED turning 3',
        'DELETED turning 3',
      ],
      'data.mutation',
    );
  });

  test('gives every watcher the same events in the same order, wherever it begins', async () => {
    const list = (await api.get(configMaps)).expect(200).textAt('metadata.resourceVersion');
    const first = await watch(`labelSelector=set=order&resourceVersion=${list}`);
    const writes = Array.from({ length: 30 }, (_, index) => index);
    await Promise.all(
      writes.map(async (index) => {
        const metadata = { name: `order-${String(index)}`, labels: { set: 'order' } };
        (await api.post(configMaps, { metadata })).expect(201);
        if (index % 3 === 0) (await api.delete(`${configMaps}/${metadata.name}`)).expect(200);
      }),
    );
    const end = (await api.get(configMaps)).textAt('metadata.resourceVersion');
    const versions = (watching: Watching): readonly string[] =>
      watching.seen.map(({ object }) => String(valueAt(object, 'metadata.resourceVersion')));
    await first.seesAtLeast(40);
    const all = versions(first);
    assert.ok(Number(all.at(-1)) <= Number(end));
    for (const [index, version] of all.entries()) {
      const later = await api.watch(
        `${configMaps}?labelSelector=set=order&resourceVersion=${version}`,
      );
      await later.seesAtLeast(all.length - index - 1);
      assert.deepEqual(versions(later), all.slice(index + 1));
      later.close();
    }
  });

  test('is answered in what the client prefers, its errors too', async () => {
    const [json, protobuf] = ['application/json', 'application/vnd.kubernetes.protobuf'];
    const place = `${configMaps}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=kube-root-ca.crt`;
    const prefers = async (accept: string, answered: string): Promise<void> => {
      const answers = await Promise.all([
        api.get(place, { accept }),
        api.get(`${place}&resourceVersion=1`, { accept }),
      ]);
      for (const answer of answers) {
        assert.equal(answer.expect(200).headers['content-type'], answered);
        assert.match(answer.text, /ADDED|too old resource version/);
      }
    };
    await Promise.all([
      prefers(json, json),
      prefers(`${json},${protobuf}`, json),
      prefers(protobuf, `${protobuf};stream=watch`),
      prefers(`${protobuf},${json}`, `${protobuf};stream=watch`),
    ]);
  });

  test('that begins with the present state says where the state ends', async () => {
    const query =
      'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    (await api.post(configMaps, configMap('present', 'white'))).expect(201);
    const watching = await watch(`${query}&labelSelector=color=white`);
    await watching.seesAtLeast(2);
    assert.deepEqual(
      watching.seen.map(({ type }) => type),
      ['ADDED', 'BOOKMARK'],
    );
    const annotation = "metadata.annotations['k8s.io/initial-events-end']";
    assert.equal(valueAt(watching.seen[1]?.object, annotation), 'true');
  });
});

describe('a list in chunks', () => {
  const templates = `/api/v1/namespaces/${namespace}/podtemplates`;
  const total = 120;
  const name = (index: number): string => `template-${String(index).padStart(4, '0')}`;

  before(async () => {
    const template = { spec: { containers: [{ name: 'test', image: 'test2' }] } };
    await Promise.all(
      Array.from({ length: total }, async (_, index) =>
        (await api.post(templates, { metadata: { name: name(index) }, template })).expect(201),
      ),
    );
  });

  test('has every object once, in order, at one version, and says how many are left', async () => {
    let token = '';
    let version: string | undefined;
    const found: string[] = [];
    do {
      const query = `limit=17${token === '' ? '' : `&continue=${token}`}`;
      const page = (await api.get(`${templates}?${query}`)).expect(200);
      const names = page.names();
      assert.ok(names.length <= 17);
      found.push(...names);
      token = page.textAt('metadata.continue');
      version ??= page.textAt('metadata.resourceVersion');
      assert.equal(page.textAt('metadata.resourceVersion'), version);
      const left = token === '' ? undefined : total - found.length;
      assert.equal(page.at('metadata.remainingItemCount'), left);
    } while (token !== '');
    assert.deepEqual(
      found,
      Array.from({ length: total }, (_, index) => name(index)),
    );
    const whole = (await api.get(`${templates}?limit=${String(total + 1)}`)).expect(200);
    assert.deepEqual(whole.names(), found);
  });
});
