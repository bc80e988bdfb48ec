import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineHost } from './engine.js';

test('engine is the one named, else the machine’s, else the one npm start began', () => {
  const system = '/var/run/docker.sock';
  const own = '/data/docker/docker.sock';
  const named = 'unix:///run/other.sock';
  const cases = [
    { given: named, there: [system, own], host: named },
    { given: `unix://${system}`, there: [system, own], host: `unix://${system}` },
    { given: `unix://${system}`, there: [own], host: `unix://${own}` },
    // Whoever looks for the machine's engine is told that it is missing.
    { given: `unix://${system}`, there: [], host: `unix://${system}` },
  ];
  for (const { given, there, host } of cases) {
    const settings = { dataDir: '/data', dockerHost: given };
    assert.equal(
      engineHost(settings, (file) => there.includes(file)),
      host,
    );
  }
});
