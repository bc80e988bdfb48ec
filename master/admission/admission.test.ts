import assert from 'node:assert/strict';
import test from 'node:test';
import { AdmissionChain } from './admission.js';
import type { AdmissionPlugin } from './admission.js';
import { podWith, requestOf } from './fixtures.test.js';

const recording = (name: string, seen: string[], more: Partial<AdmissionPlugin> = {}) => ({
  name,
  concerns: () => true,
  mutate: () => {
    seen.push(`mutate ${name}`);
  },
  validate: () => {
    seen.push(`validate ${name}`);
  },
  ...more,
});

test('the chain asks each plugin once whether a sort of request concerns it', async () => {
  let asked = 0;
  const chain = new AdmissionChain([
    {
      name: 'p',
      concerns: () => {
        asked += 1;
        return false;
      },
      mutate: () => assert.fail('it is not concerned'),
    },
  ]);
  const attributes = requestOf({ object: podWith() });
  for (let count = 0; count < 3; count += 1) {
    await chain.mutate(attributes, () => assert.fail('nobody is concerned'));
    await chain.validate(attributes, () => assert.fail('nobody is concerned'));
  }
  assert.equal(asked, 1);
});

test('the chain keeps its order over plugins that wait', async () => {
  const seen: string[] = [];
  const chain = new AdmissionChain([
    recording('a', seen),
    recording('b', seen, {
      mutate: async () => {
        await Promise.resolve();
        seen.push('mutate b');
      },
    }),
    recording('idle', seen, { idle: () => true }),
    recording('c', seen),
  ]);
  const attributes = requestOf({ object: podWith() });
  await chain.mutate(attributes, () => attributes);
  await chain.validate(attributes, () => attributes);
  assert.deepEqual(seen, [
    'mutate a',
    'mutate b',
    'mutate c',
    'validate a',
    'validate b',
    'validate c',
  ]);
});

test('a plugin can have the changes of later ones passed by it once more', async () => {
  const seen: string[] = [];
  const chain = new AdmissionChain([
    recording('a', seen),
    recording('b', seen, {
      mutate: ({ pass }) => {
        seen.push(`mutate b ${String(pass.isReinvocation)}`);
        pass.again = true;
      },
    }),
  ]);
  const attributes = requestOf({ object: podWith() });
  await chain.mutate(attributes, () => attributes);
  assert.deepEqual(seen, ['mutate a', 'mutate b false', 'mutate a', 'mutate b true']);
});

test('the chain tells how long each plugin took, waiting included, and who refused', async () => {
  let nowMs = 0;
  const told: string[] = [];
  const takes = (ms: number) => () => {
    nowMs += ms;
  };
  const chain = new AdmissionChain(
    [
      recording('quick', [], { mutate: takes(1) }),
      recording('waiting', [], {
        mutate: async () => {
          await Promise.resolve();
          takes(10)();
        },
      }),
      recording('refusing', [], {
        mutate: () => {
          takes(100)();
          throw new Error('no');
        },
      }),
    ],
    {
      monotonicMs: () => nowMs,
      stepEnded:
        ({ type, operation, plugin = 'all' }) =>
        (tookMs, rejected) => {
          told.push(`${type} ${operation} ${plugin} ${String(tookMs)} ${String(rejected)}`);
        },
    },
  );
  const attributes = requestOf({ object: podWith() });
  await assert.rejects(async () => chain.mutate(attributes, () => attributes), /^Error: no$/);
  assert.deepEqual(told, [
    'admit CREATE quick 1 false',
    'admit CREATE waiting 10 false',
    'admit CREATE refusing 100 true',
    'admit CREATE all 111 true',
  ]);
});
