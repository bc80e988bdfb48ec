/** What tests of whole controllers share: controllers over the fake client, which run until the test ends. */
import type { TestContext } from 'node:test';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { FakeClient } from '../client/fake-client.js';
import { systemClock, type Clock } from '../clock/clock.js';
import { systemRandom } from '../clock/random.js';
import { InformerFactory } from '../informer/informer.js';
import { silentLogger } from '../log/log.js';
import { Metrics } from '../metrics/metrics.js';
import type { ControllerDefinition } from './controller.js';
import { runController } from './driver.js';

export interface FakeCluster {
  readonly client: FakeClient;
  /** Starts a controller, which is waited for when the test is over. */
  readonly run: <P extends KubeObject, S>(definition: ControllerDefinition<P, S>) => void;
}

export function fakeCluster(t: TestContext, clock: Clock = systemClock): FakeCluster {
  const client = new FakeClient(clock);
  const shared = { client, clock, random: systemRandom, logger: silentLogger };
  const informers = new InformerFactory(shared);
  const stop = new AbortController();
  const dependencies = { ...shared, informers, metrics: new Metrics(), signal: stop.signal };
  return {
    client,
    run: (definition) => {
      const running = runController(definition, dependencies);
      informers.start(stop.signal);
      t.after(async () => {
        stop.abort();
        await running;
      });
    },
  };
}
