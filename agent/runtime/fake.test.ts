import { systemClock } from '../../machinery/clock/clock.js';
import { runtimeContract } from './contract.js';
import { FakeRuntime } from './fake.js';

runtimeContract('fake', () => {
  const runtime = new FakeRuntime(systemClock);
  runtime.images.set('sleeper', {});
  runtime.images.set('failing', { exitCode: 3 });
  return Promise.resolve({ runtime, sleeper: 'sleeper', failing: 'failing' });
});
