import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Secret } from '../../api/core/v1/types.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { type Credentials, credentialsFor } from './credentials.js';
import { parseImageReference, withTag } from './image-reference.js';
import { ImageError, type ImageRequest, Images } from './images.js';
import { concurrentPulls } from './limits.js';

const metadata = (name: string) => ({
  name,
  namespace: 'shop',
  uid: `${name}-uid`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const base64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');

const secretOf = (data: Record<string, string>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata('pull'),
  data,
});

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata('web'),
  spec: { containers: [], imagePullSecrets: [{ name: 'pull' }, { name: 'gone' }] },
  status: {},
};

/** An engine whose pulls end when told to. */
class FakeEngine {
  readonly present = new Set<string>();
  readonly pulls: { readonly reference: string; readonly credentials: Credentials | undefined }[] =
    [];
  running = 0;
  mostRunning = 0;
  refuse: (credentials: Credentials | undefined) => string | undefined = () => undefined;
  hold: Promise<void> = Promise.resolve();

  inspectImage(reference: string) {
    const found = { id: `sha256:${reference}`, digests: [], sizeBytes: 7, user: '' };
    const here = this.present.has(reference) || this.present.has(withTag(reference));
    return Promise.resolve(here ? found : undefined);
  }

  async pullImage(reference: string, options: { readonly credentials?: Credentials }) {
    this.pulls.push({ reference, credentials: options.credentials });
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    await this.hold;
    this.running -= 1;
    const why = this.refuse(options.credentials);
    if (why !== undefined) throw new Error(why);
    this.present.add(reference);
  }
}

const setUp = (secret?: Secret) => {
  const engine = new FakeEngine();
  const clock = new FakeClock();
  const images = new Images({
    engine,
    clock,
    secret: (_namespace, name) => Promise.resolve(name === 'pull' ? secret : undefined),
  });
  const request = (changes: Partial<ImageRequest> = {}): ImageRequest => ({
    pod,
    image: 'web:1',
    pullPolicy: 'IfNotPresent',
    signal: new AbortController().signal,
    onPull: () => undefined,
    ...changes,
  });
  return { engine, clock, images, request };
};

const failureOf = async (work: Promise<unknown>): Promise<ImageError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ImageError);
  return error;
};

test('images are pulled as the policy says', async () => {
  const cases = [
    { pullPolicy: 'IfNotPresent', here: false, pulls: 1 },
    { pullPolicy: 'IfNotPresent', here: true, pulls: 0 },
    { pullPolicy: 'Always', here: true, pulls: 1 },
    { pullPolicy: 'Never', here: true, pulls: 0 },
  ] as const;
  for (const { pullPolicy, here, pulls } of cases) {
    const { engine, images, request } = setUp();
    if (here) engine.present.add('web:1');
    let told = 0;
    const found = await images.ensure(request({ pullPolicy, onPull: () => (told += 1) }));
    assert.equal(found.id, 'sha256:web:1');
    assert.deepEqual([engine.pulls.length, told], [pulls, pulls], `${pullPolicy} ${String(here)}`);
  }
});

test('images that are never to be pulled fail with a reason of their own', async () => {
  const { engine, images, request } = setUp();
  const error = await failureOf(images.ensure(request({ pullPolicy: 'Never' })));
  assert.equal(error.reason, 'ErrImageNeverPull');
  assert.equal(engine.pulls.length, 0);
});

test('images known to be here need no question until the engine’s images change', async () => {
  const { engine, images, request } = setUp();
  engine.present.add('web:1');
  assert.equal(images.presentNow(request()), undefined);
  await images.ensure(request());
  assert.equal(images.presentNow(request())?.id, 'sha256:web:1');
  assert.equal(images.presentNow(request({ pullPolicy: 'Always' })), undefined);
  images.invalidate();
  assert.equal(images.presentNow(request()), undefined);
});

test('images back off from ten seconds to five minutes, and start over after a pull', async () => {
  const { engine, clock, images, request } = setUp();
  engine.refuse = () => 'no route to host';
  const delays: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const error = await failureOf(images.ensure(request()));
    assert.equal(error.reason, 'ErrImagePull');
    assert.match(error.message, /no route to host/);
    delays.push((error.retryAtMs - clock.now()) / 1000);
  }
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 300, 300]);
  engine.refuse = () => undefined;
  await images.ensure(request());
  engine.present.clear();
  engine.refuse = () => 'no route to host';
  const again = await failureOf(images.ensure(request()));
  assert.equal(again.retryAtMs - clock.now(), 10_000);
});

test('images with a name that cannot be are told from those that are not there', async () => {
  const { engine, images, request } = setUp();
  engine.refuse = () => 'invalid reference format';
  const error = await failureOf(images.ensure(request({ image: 'No Such' })));
  assert.equal(error.reason, 'InvalidImageName');
});

test('images asked for by many at once are pulled once', async () => {
  const { engine, images, request } = setUp();
  const found = await Promise.all([1, 2, 3].map(() => images.ensure(request())));
  assert.deepEqual(new Set(found.map(({ id }) => id)), new Set(['sha256:web:1']));
  assert.equal(engine.pulls.length, 1);
});

test('images go on being pulled for others when the pod that asked first stops', async () => {
  const { engine, images, request } = setUp();
  const over = new AbortController();
  let release = (): void => undefined;
  engine.hold = new Promise((resolve) => {
    release = resolve;
  });
  engine.refuse = () => (engine.pulls.length === 1 ? 'aborted' : undefined);
  const first = failureOf(images.ensure(request({ signal: over.signal })));
  const second = images.ensure(request());
  await new Promise((resolve) => setImmediate(resolve));
  over.abort();
  release();
  await first;
  assert.equal((await second).id, 'sha256:web:1');
});

test('images are pulled apart for those with other secrets', async () => {
  const { engine, images, request } = setUp();
  const bare = { ...pod, spec: { ...pod.spec, imagePullSecrets: [] } };
  await Promise.all([images.ensure(request()), images.ensure(request({ pod: bare }))]);
  assert.equal(engine.pulls.length, 2);
});

test('images are pulled a few at a time', async () => {
  const { engine, images, request } = setUp();
  const names = Array.from({ length: concurrentPulls * 4 }, (_, at) => `web:${at}`);
  await Promise.all(names.map((image) => images.ensure(request({ image }))));
  assert.equal(engine.pulls.length, names.length);
  assert.equal(engine.mostRunning, concurrentPulls);
});

test('images are pulled with each fitting credential until one does', async () => {
  const auths = {
    'registry.example': { auth: base64('low:one') },
    'registry.example/team': { username: 'high', password: 'two' },
    'other.example': { auth: base64('no:no') },
  };
  const { engine, images, request } = setUp(secretOf({ '.dockerconfigjson': base64({ auths }) }));
  engine.refuse = (credentials) => (credentials?.password === 'one' ? undefined : 'denied');
  await images.ensure(request({ image: 'registry.example/team/web' }));
  assert.deepEqual(
    engine.pulls.map(({ reference, credentials }) => [reference, credentials?.username]),
    [
      ['registry.example/team/web:latest', 'high'],
      ['registry.example/team/web:latest', 'low'],
    ],
  );
});

test('credentials are found by registry and path', () => {
  const secret = (key: string) =>
    secretOf({ '.dockercfg': base64({ [key]: { auth: base64('user:pa:ss') } }) });
  const cases = [
    ['https://index.docker.io/v1/', 'nginx', true],
    ['docker.io', 'team/web:1', true],
    ['registry.example', 'registry.example/web', true],
    ['registry.example:5000', 'registry.example:5000/web', true],
    ['registry.example:5000', 'registry.example/web', false],
    ['registry.example/team', 'registry.example/team/web', true],
    ['registry.example/team', 'registry.example/teams/web', false],
    ['*.example', 'registry.example/web', true],
    ['*.example', 'a.b.example/web', false],
    ['registry.example', 'registryxexample/web', false],
    ['docker.io', 'registry.example/web', false],
  ] as const;
  for (const [key, image, fits] of cases) {
    const found = credentialsFor(image, [secret(key)]);
    assert.equal(found.length, fits ? 1 : 0, `${key} for ${image}`);
    if (fits) assert.deepEqual([found[0]?.username, found[0]?.password], ['user', 'pa:ss']);
  }
});

test('credentials that cannot be read are none', () => {
  const broken = [{ '.dockerconfigjson': base64('{') }, { '.dockercfg': '%%' }, {}];
  for (const data of broken) assert.deepEqual(credentialsFor('web', [secretOf(data)]), []);
});

test('image references are read as Docker reads them', () => {
  const cases = [
    ['nginx', 'docker.io', 'library/nginx', 'nginx:latest'],
    ['team/web:2', 'docker.io', 'team/web', 'team/web:2'],
    ['localhost/web', 'localhost', 'web', 'localhost/web:latest'],
    ['host:5000/a/b', 'host:5000', 'a/b', 'host:5000/a/b:latest'],
    ['host.example/a@sha256:00', 'host.example', 'a', 'host.example/a@sha256:00'],
  ] as const;
  for (const [image, registry, repository, tagged] of cases) {
    assert.deepEqual(parseImageReference(image), { registry, repository });
    assert.equal(withTag(image), tagged);
  }
});
