/** What every `Runtime` must do, as tests; run on the fake and on a real Docker engine. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { eventually } from '../../testing/eventually.js';
import { engineNameOf, identityLabels, labelNames } from './labels.js';
import type { ContainerSpec, Runtime, RuntimeEvent } from './runtime.js';
import { isRuntimeError } from './runtime-error.js';

export interface ContractSubject {
  readonly runtime: Runtime;
  /** An image whose containers run until SIGTERM. */
  readonly sleeper: string;
  /** An image whose containers end at once with 3. */
  readonly failing: string;
}

let sequence = 0;

function specFor(image: string, changes: Partial<ContainerSpec> = {}): ContainerSpec {
  sequence += 1;
  const identity = {
    podName: 'contract',
    podNamespace: 'default',
    podUid: 'contract-uid',
    containerName: `c${String(sequence)}`,
    attempt: 0,
  };
  return {
    name: engineNameOf(identity),
    labels: { ...identityLabels(identity), [labelNames.type]: 'container' },
    image,
    network: 'none',
    ipc: 'shareable',
    pid: 'private',
    ...changes,
  };
}

/** Registers the suite; `prepare` is called once. */
export function runtimeContract(name: string, prepare: () => Promise<ContractSubject>): void {
  describe(`runtime ${name}`, () => {
    let subject: ContractSubject;
    const made: string[] = [];
    const create = async (spec: ContainerSpec): Promise<string> => {
      const id = await subject.runtime.create(spec);
      made.push(id);
      return id;
    };
    before(async () => {
      subject = await prepare();
    });
    after(async () => {
      for (const id of made) await subject.runtime.remove(id);
    });

    test('lists what it created, with its labels and state', async () => {
      const spec = specFor(subject.sleeper);
      const id = await create(spec);
      const found = (await subject.runtime.list()).find((each) => each.id === id);
      assert.equal(found?.state, 'created');
      assert.equal(found.labels[labelNames.podUid], 'contract-uid');
    });

    test('refuses a second container of the same name, which can be inspected by it', async () => {
      const spec = specFor(subject.sleeper);
      const id = await create(spec);
      await assert.rejects(create(spec), (error) => isRuntimeError(error, 'conflict'));
      assert.equal((await subject.runtime.inspect(spec.name))?.id, id);
    });

    test('says that an image is missing', async () => {
      const spec = specFor('pintle/not-there:1');
      await assert.rejects(create(spec), (error) => isRuntimeError(error, 'imageMissing'));
    });

    test('starts a container once and twice alike', async () => {
      const id = await create(specFor(subject.sleeper));
      await subject.runtime.start(id);
      await subject.runtime.start(id);
      const record = await subject.runtime.inspect(id);
      assert.equal(record?.state, 'running');
      assert.ok(record.pid > 0);
    });

    test('reports the end of a process with its exit code', async () => {
      const id = await create(specFor(subject.failing));
      await subject.runtime.start(id);
      await eventually(async () => {
        const record = await subject.runtime.inspect(id);
        assert.deepEqual([record?.state, record?.exitCode], ['exited', 3]);
      });
      const { startedAtMs = Infinity, finishedAtMs = 0 } =
        (await subject.runtime.inspect(id)) ?? {};
      assert.ok(finishedAtMs >= startedAtMs, 'a process ends no earlier than it started');
    });

    test('kills with a signal and says when there is nothing to kill', async () => {
      const id = await create(specFor(subject.sleeper));
      await subject.runtime.start(id);
      await subject.runtime.kill(id, 'SIGKILL');
      await eventually(async () => {
        assert.equal((await subject.runtime.inspect(id))?.exitCode, 137);
      });
      await assert.rejects(subject.runtime.kill(id, 'SIGTERM'), (error) =>
        isRuntimeError(error, 'notRunning'),
      );
    });

    test('neither kills nor enters a container that has not run yet', async () => {
      const id = await create(specFor(subject.sleeper));
      const notRunning = (error: unknown): boolean => isRuntimeError(error, 'notRunning');
      await assert.rejects(subject.runtime.kill(id, 'SIGTERM'), notRunning);
      await assert.rejects(subject.runtime.exec(id, { command: ['/bin/true'] }), notRunning);
      const nobody = subject.runtime.kill('f'.repeat(64), 'SIGTERM');
      await assert.rejects(nobody, (error) => isRuntimeError(error, 'notFound'));
    });

    test('removes running containers and those that are gone', async () => {
      const id = await create(specFor(subject.sleeper));
      await subject.runtime.start(id);
      await subject.runtime.remove(id);
      await subject.runtime.remove(id);
      assert.equal(await subject.runtime.inspect(id), undefined);
    });

    test('lets a container join the namespaces of a running sandbox', async () => {
      const pause = await subject.runtime.prepare();
      const sandbox = await create(specFor(pause));
      await subject.runtime.start(sandbox);
      const joined = { container: sandbox };
      const id = await create(specFor(subject.sleeper, { network: joined, ipc: joined }));
      await subject.runtime.start(id);
      assert.equal((await subject.runtime.inspect(id))?.state, 'running');
    });

    test('tells events in order until it is told to stop', async () => {
      const stop = new AbortController();
      const seen: string[] = [];
      let opened: () => void = () => undefined;
      const open = new Promise<void>((resolve) => {
        opened = resolve;
      });
      const spec = specFor(subject.sleeper);
      const following = (async () => {
        for await (const event of subject.runtime.events(stop.signal, opened)) {
          if (isAbout(event, spec)) seen.push(event.type);
        }
      })();
      await open;
      const id = await create(spec);
      await subject.runtime.start(id);
      await subject.runtime.kill(id, 'SIGKILL');
      await subject.runtime.remove(id);
      await eventually(() => {
        assert.deepEqual(seen, ['created', 'started', 'died', 'removed']);
      });
      stop.abort();
      await following;
    });

    test('runs a command and gives its exit code', async () => {
      const id = await create(specFor(subject.sleeper));
      await subject.runtime.start(id);
      const session = await subject.runtime.exec(id, { command: ['/bin/true'] });
      session.stdout.resume();
      session.stderr.resume();
      assert.equal(await session.exitCode, 0);
    });

    test('attaches to what runs, not to what has ended', async () => {
      const sleeping = await create(specFor(subject.sleeper));
      await subject.runtime.start(sleeping);
      (await subject.runtime.attach(sleeping, {})).close();
      const ended = await create(specFor(subject.failing));
      await subject.runtime.start(ended);
      await eventually(async () => {
        assert.equal((await subject.runtime.inspect(ended))?.state, 'exited');
      });
      await assert.rejects(subject.runtime.attach(ended, {}), (error) =>
        isRuntimeError(error, 'notRunning'),
      );
    });

    test('gives an empty log of a container that wrote nothing', async () => {
      const id = await create(specFor(subject.sleeper));
      await subject.runtime.start(id);
      assert.equal(await text(await subject.runtime.logs(id, {})), '');
    });
  });
}

const isAbout = (event: RuntimeEvent, spec: ContainerSpec): boolean =>
  event.type !== 'imagesChanged' &&
  event.labels[labelNames.containerName] === spec.labels[labelNames.containerName];
