/** Clients of other makers: Debian's Python client, and what Prometheus does to collect metrics. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { systemExec } from '../../machinery/exec/exec.js';
import { besideTest } from '../../testing/golden.js';
import { eventually } from '../../testing/eventually.js';
import { sharedCluster } from '../lab/cluster.js';
import { Shell } from './shell.js';

const cluster = sharedCluster();
const shell = new Shell(cluster, '1.35', 'clients');
const { namespace } = shell;

before(async () => {
  await shell.run(`create namespace ${namespace}`);
  await shell.run('create serviceaccount robot');
});
after(async () => {
  await shell.run(`delete clusterrole,clusterrolebinding compat-metrics --ignore-not-found`);
  await shell.run(`delete namespace ${namespace}`);
});

const robotToken = async (): Promise<string> => (await shell.run('create token robot')).trim();

test('the Python client lists, creates, watches, patches, uses tokens and discovers', async () => {
  await shell.run('create role reader --verb=get,list --resource=pods');
  await shell.run(`create rolebinding robot --role=reader --serviceaccount=${namespace}:robot`);
  const script = besideTest(import.meta.url, 'python-client.py');
  const { stdout } = await systemExec(
    ['/usr/bin/python3', script, cluster.kubeconfig, namespace, await robotToken()],
    { timeoutMs: 120_000 },
  );
  assert.equal(stdout, 'create_list_patch\nroll_out\nfollow\nuse_token\ndiscover\n');
});

async function scrape(
  token: string,
): Promise<{ status: number | undefined; type: string; body: string }> {
  const outgoing = request({
    host: cluster.masterNode.address,
    port: 6443,
    path: '/metrics',
    ca: readFileSync(path.join(cluster.masterData, 'pki/ca.crt')),
    headers: {
      Authorization: `Bearer ${token}`,
      Accept:
        'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1',
      'Accept-Encoding': 'identity',
    },
  }).end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const type = answer.headers['content-type'] ?? '';
  return { status: answer.statusCode, type, body: await text(answer) };
}

const labels = String.raw`\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\}`;
const sample = new RegExp(
  String.raw`^[a-zA-Z_:][\w:]*(?:${labels})? (?:[+-]?\d\S*|NaN|[+-]Inf)(?: \d+)?$`,
);

describe('Prometheus', () => {
  test('is refused without the right to read metrics, and scrapes text that parses with it', async () => {
    const token = await robotToken();
    assert.equal((await scrape('wrong')).status, 401);
    assert.equal((await scrape(token)).status, 403);
    await shell.run('create clusterrole compat-metrics --verb=get --non-resource-url=/metrics');
    await shell.run(
      `create clusterrolebinding compat-metrics --clusterrole=compat-metrics --serviceaccount=${namespace}:robot`,
    );
    const { type, body } = await eventually(async () => {
      const answer = await scrape(token);
      assert.equal(answer.status, 200);
      return answer;
    });
    assert.match(type, /^text\/plain; ?version=0\.0\.4|^application\/openmetrics-text/);
    const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(
      samples.filter((line) => !sample.test(line)),
      [],
    );
    const names = new Set(samples.map((line) => /^[\w:]+/.exec(line)?.[0]));
    for (const name of ['apiserver_request_total', 'process_resident_memory_bytes'])
      assert.ok(names.has(name), `${name} is missing from ${[...names].join(' ')}`);
  });
});
