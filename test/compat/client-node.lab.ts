/** @kubernetes/client-node as its users use it: lists, informers, watches, server-side apply, exec, logs; and a controller made with it. */
import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import {
  ApiException,
  CoreV1Api,
  CustomObjectsApi,
  Exec,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  Log,
  PatchStrategy,
  PortForward,
  V1ConfigMap,
  V1ObjectMeta,
  V1OwnerReference,
  type V1Status,
  Watch,
  makeInformer,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { eventually } from '../../testing/eventually.js';
import { sharedCluster } from '../lab/cluster.js';
import { Shell } from './shell.js';

const cluster = sharedCluster();
const shell = new Shell(cluster, '1.35', 'client-node');
const { namespace } = shell;
const config = new KubeConfig();
config.loadFromFile(cluster.kubeconfig);
const core = config.makeApiClient(CoreV1Api);

before(() => shell.run(`create namespace ${namespace}`));
after(() => shell.run(`delete namespace ${namespace}`));

const settings = (
  meta: Partial<V1ObjectMeta> & { readonly name: string },
  data: Readonly<Record<string, string>> = {},
): V1ConfigMap =>
  Object.assign(new V1ConfigMap(), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: Object.assign(new V1ObjectMeta(), { namespace, ...meta }),
    data: { ...data },
  });

describe('client-node', () => {
  test('lists in pages that add up', async () => {
    for (let number = 0; number < 7; number += 1)
      await core.createNamespacedConfigMap({
        namespace,
        body: settings({ name: `page-${String(number)}`, labels: { set: 'pages' } }),
      });
    const names: string[] = [];
    let _continue: string | undefined;
    do {
      const page = await core.listNamespacedConfigMap({
        namespace,
        labelSelector: 'set=pages',
        limit: 3,
        ...(_continue === undefined ? {} : { _continue }),
      });
      assert.ok(page.items.length <= 3);
      names.push(...page.items.map(({ metadata }) => metadata?.name ?? ''));
      _continue = page.metadata?._continue;
    } while (_continue !== undefined && _continue !== '');
    assert.deepEqual(
      names,
      [0, 1, 2, 3, 4, 5, 6].map((number) => `page-${String(number)}`),
    );
  });

  test('follows objects with an informer', async () => {
    const seen: string[] = [];
    const informer = makeInformer(
      config,
      `/api/v1/namespaces/${namespace}/configmaps`,
      () => core.listNamespacedConfigMap({ namespace, labelSelector: 'kind=followed' }),
      'kind=followed',
    );
    for (const verb of ['add', 'update', 'delete'] as const)
      informer.on(verb, ({ metadata, data }) => {
        seen.push(`${verb} ${metadata?.name ?? ''} ${data?.value ?? ''}`);
      });
    informer.on('error', (error) => seen.push(`error ${String(error)}`));
    const labels = { kind: 'followed' };
    const followed = settings({ name: 'followed', labels }, { value: '1' });
    await core.createNamespacedConfigMap({
      namespace,
      body: followed,
    });
    await informer.start();
    try {
      await shell.run(`patch cm followed -p '{"data":{"value":"2"}}'`);
      await shell.run('create cm ignored');
      await shell.run('delete cm followed');
      await eventually(() => {
        assert.deepEqual(seen, ['add followed 1', 'update followed 2', 'delete followed 2']);
      });
      assert.deepEqual(informer.list(), []);
    } finally {
      await informer.stop();
    }
  });

  test('watches from a version until its time is over', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    await shell.run('create cm watched');
    const events: string[] = [];
    let finish: (error: unknown) => void = () => undefined;
    const finished = new Promise<unknown>((resolve) => (finish = resolve));
    await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: metadata?.resourceVersion, timeoutSeconds: 1, allowWatchBookmarks: true },
      (phase, object: KubernetesObject) => events.push(`${phase} ${object.metadata?.name ?? ''}`),
      finish,
    );
    await finished;
    assert.equal(events[0], 'ADDED watched');
  });

  test('applies on the server, meets another manager, and takes over', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const apply = (color: string, manager: string, force: boolean) =>
      objects.patch(
        settings({ name: 'applied' }, { color }),
        undefined,
        undefined,
        manager,
        force,
        PatchStrategy.ServerSideApply,
      );
    await apply('green', 'one', false);
    await assert.rejects(apply('red', 'two', false), (error: unknown) => {
      assert.ok(error instanceof ApiException);
      assert.equal(error.code, 409);
      assert.match(String(error.body), /conflict with \\?"one\\?": \.data\.color/);
      return true;
    });
    await apply('red', 'two', true);
    const { data, metadata } = await core.readNamespacedConfigMap({ namespace, name: 'applied' });
    assert.deepEqual(data, { color: 'red' });
    assert.ok(
      metadata?.managedFields?.some(
        ({ manager, operation }) => manager === 'two' && operation === 'Apply',
      ),
    );
  });

  test('executes over a WebSocket and reads logs', async () => {
    await shell.run(`run talker --image=web:v1 --command -- sh -c 'echo spoken; sleep 1000'`);
    await shell.run('wait --for=condition=Ready pod/talker --timeout=60s');
    const execute = async (command: readonly string[], input?: string) => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const said = Promise.all([text(stdout), text(stderr)]);
      const stdin = input === undefined ? null : Readable.from([input]);
      const status = await new Promise<V1Status>((resolve, reject) => {
        new Exec(config)
          .exec(namespace, 'talker', 'talker', [...command], stdout, stderr, stdin, false, resolve)
          .catch(reject);
      });
      stdout.end();
      stderr.end();
      return { status, said: await said };
    };
    const good = await execute(['sh', '-c', 'echo out; echo err >&2']);
    assert.equal(good.status.status, 'Success');
    assert.deepEqual(good.said, ['out\n', 'err\n']);
    const bad = await execute(['sh', '-c', 'exit 7']);
    assert.deepEqual(bad.status.details?.causes, [{ reason: 'ExitCode', message: '7' }]);
    const read = await execute(['head', '-n', '1'], 'first\nsecond\n');
    assert.equal(read.said[0], 'first\n');
    const log = new PassThrough();
    await new Log(config).log(namespace, 'talker', 'talker', log, { tailLines: 1 });
    assert.equal(await text(log), 'spoken\n');
  });

  test('forwards a port over a WebSocket', async () => {
    await shell.run('run web --image=web:v1');
    await shell.run('wait --for=condition=Ready pod/web --timeout=60s');
    const [output, input] = [new PassThrough(), new PassThrough()];
    const answer = text(output);
    const socket = await new PortForward(config).portForward(
      namespace,
      'web',
      [8080],
      output,
      null,
      input,
    );
    assert.ok(typeof socket !== 'function');
    input.write('GET / HTTP/1.0\r\n\r\n');
    await new Promise((resolve) => {
      socket.onclose = resolve;
    });
    output.end();
    assert.match(await answer, /^HTTP\/1\.[01] 200 OK[^]*^v1 web$/m);
  });
});

const group = 'compat.example';
const version = 'v1';
const plural = 'shelves';

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.${group} }
spec:
  group: ${group}
  scope: Namespaced
  names: { plural: ${plural}, singular: shelf, kind: Shelf, shortNames: [sh] }
  versions:
    - name: ${version}
      served: true
      storage: true
      subresources: { status: {}, scale: { specReplicasPath: .spec.books, statusReplicasPath: .status.books } }
      additionalPrinterColumns:
        - { name: Books, type: integer, jsonPath: .spec.books }
        - { name: Phase, type: string, jsonPath: .status.phase }
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              required: [books]
              properties: { books: { type: integer, minimum: 0, description: How many books stand here. } }
              x-kubernetes-validations: [{ rule: 'self.books <= 10', message: a shelf holds ten books }]
            status:
              type: object
              properties: { phase: { type: string }, books: { type: integer } }
`;

interface Shelf extends KubernetesObject {
  readonly spec: { readonly books: number };
  readonly status?: { readonly phase?: string; readonly books?: number };
}

/** Gives each shelf a ConfigMap it owns, tells of it in the status, and takes a finalizer off when a shelf goes. */
class ShelfController {
  readonly farewells: string[] = [];
  private readonly custom = config.makeApiClient(CustomObjectsApi);
  private readonly merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  private readonly informer = makeInformer<Shelf>(
    config,
    `/apis/${group}/${version}/namespaces/${namespace}/${plural}`,
    async () =>
      (await this.custom.listNamespacedCustomObject({ group, version, namespace, plural })) as {
        items: Shelf[];
      },
  );
  private queue: Promise<void> = Promise.resolve();
  readonly failures: unknown[] = [];

  async start(): Promise<void> {
    const enqueue = (shelf: Shelf): void => {
      this.queue = this.queue
        .then(() => this.reconcile(shelf))
        .catch((error: unknown) => void this.failures.push(error));
    };
    this.informer.on('add', enqueue);
    this.informer.on('update', enqueue);
    await this.informer.start();
  }

  async stop(): Promise<void> {
    await this.informer.stop();
    await this.queue;
  }

  private async patch(name: string, body: object): Promise<void> {
    await this.custom.patchNamespacedCustomObject(
      { group, version, namespace, plural, name, body },
      this.merge,
    );
  }

  private async reconcile({ metadata, spec, status }: Shelf): Promise<void> {
    const {
      name = '',
      uid = '',
      deletionTimestamp,
      finalizers = [],
    } = metadata ?? new V1ObjectMeta();
    if (deletionTimestamp !== undefined) {
      if (finalizers.length === 0) return;
      this.farewells.push(name);
      await this.patch(name, { metadata: { finalizers: null } });
      return;
    }
    if (!finalizers.includes(`${group}/farewell`)) {
      await this.patch(name, { metadata: { finalizers: [`${group}/farewell`] } });
      return;
    }
    if (status?.books === spec.books) return;
    if (status === undefined) {
      const owner = Object.assign(new V1OwnerReference(), {
        apiVersion: `${group}/${version}`,
        kind: 'Shelf',
        name,
        uid,
        controller: true,
        blockOwnerDeletion: true,
      });
      const body = settings({ name: `shelf-${name}`, ownerReferences: [owner] });
      await core.createNamespacedConfigMap({ namespace, body });
    }
    const body = { status: { phase: 'Filled', books: spec.books } };
    await this.custom.patchNamespacedCustomObjectStatus(
      { group, version, namespace, plural, name, body },
      this.merge,
    );
  }
}

const shelf = (name: string, books: number): string =>
  `apiVersion: ${group}/${version}\nkind: Shelf\nmetadata: { name: ${name} }\nspec: { books: ${String(books)} }\n`;

describe('a controller of custom resources', () => {
  const controller = new ShelfController();
  before(async () => {
    await shell.run('apply -f -', { input: definition });
    // kubectl fails instead of waiting as long as the status has no conditions; of Kubernetes, too.
    await eventually(() =>
      shell.run(`wait --for=condition=Established crd/${plural}.${group} --timeout=20s`),
    );
    await controller.start();
  });
  after(async () => {
    await controller.stop();
    await shell.run(`delete crd ${plural}.${group}`);
  });

  test('sees its objects, owns others and tells of it in the status', async () => {
    await shell.run('create -f -', { input: shelf('novels', 3) });
    await eventually(async () => {
      await shell.expect('get sh', /NAME\s+BOOKS\s+PHASE\nnovels\s+3\s+Filled/);
    });
    await shell.expect(
      'get cm shelf-novels -o jsonpath={.metadata.ownerReferences[0].kind}',
      /^Shelf$/,
    );
    await shell.expect('scale shelf novels --replicas=5', /scaled/);
    await eventually(async () => {
      await shell.expect(
        'get shelf novels -o jsonpath={.status.books}/{.metadata.generation}',
        /^5\/2$/,
      );
    });
    await shell.expect('explain shelf.spec.books', /How many books stand here/);
  });

  test('is spared objects that its definition forbids', async () => {
    await shell.refused('create -f -', /a shelf holds ten books/, { input: shelf('full', 11) });
    await shell.refused('create -f -', /spec\.books.*should be greater than or equal to 0/, {
      input: shelf('odd', -1),
    });
    await shell.refused(
      `patch shelf novels --type=merge -p '{"spec":{"books":"many"}}'`,
      /must be of type integer: "string"/,
    );
  });

  test('says farewell before an object goes, and what it owned goes too', async () => {
    await shell.expect('delete shelf novels --timeout=20s', /"novels" deleted/);
    assert.deepEqual(controller.farewells, ['novels']);
    await eventually(async () => {
      await shell.refused('get cm shelf-novels', /not found/);
    });
    assert.deepEqual(controller.failures, []);
  });
});
