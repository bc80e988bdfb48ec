/**
 * `npm run fuzz -- SECONDS [--seed N] [--cases FOLDER]`: drives a master over TLS with valid requests and mutants of them. It
 * must not crash, hang or grow without bound, and has to answer every request with what the API promises: never a 500 for a
 * client's fault. Prints each kind of finding once, with the request; exits with 1 where there are any.
 */
import { parseArgs } from 'node:util';
import { FuzzClient } from './fuzz-client.js';
import { showRequest } from './fuzz-request.js';
import type { FuzzRequest } from './fuzz-request.js';
import { FuzzedMaster } from './fuzzed-master.js';
import { faultOf, slowestAnswerMs } from './judge.js';
import { mutate } from './mutations.js';
import { SeededRandom } from './random.js';
import { allSeeds, fuzzNamespace, validSeeds } from './seeds.js';

const concurrency = 4;
/** How often the server is looked after between mutants. */
const checkEvery = 200;
/** A connection that broke may mean that the process ends. */
const endOfProcessMs = 300;
/** The process may not grow beyond this, however long it is fuzzed. */
const maxResidentBytes = 900 * 1024 * 1024;

interface Finding {
  readonly what: string;
  readonly shown: string;
  count: number;
}

/** Digits and quoted values differ from case to case of one fault. */
const kindOf = (what: string, detail: string): string =>
  `${what} ${detail.replaceAll(/[0-9]+|"[^"]*"/g, '#').slice(0, 160)}`;

class Fuzzing {
  readonly findings = new Map<string, Finding>();
  readonly statuses = new Map<number, number>();
  sent = 0;
  private readonly master: FuzzedMaster;
  private readonly client: FuzzClient;
  private readonly random: SeededRandom;
  private readonly seeds: readonly FuzzRequest[];

  constructor(master: FuzzedMaster, random: SeededRandom, seeds: readonly FuzzRequest[]) {
    this.master = master;
    this.random = random;
    this.seeds = seeds;
    this.client = new FuzzClient(master.connection, concurrency);
  }

  private report(what: string, detail: string, request?: FuzzRequest): void {
    const kind = kindOf(what, detail);
    const known = this.findings.get(kind);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const shown = request === undefined ? detail : `${detail}\n${showRequest(request)}`;
    this.findings.set(kind, { what, shown, count: 1 });
    console.log(`\n### ${what}\n${shown}\n`);
  }

  private async attempt(request: FuzzRequest): Promise<void> {
    try {
      const answer = await this.client.send(request);
      this.sent += 1;
      this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(request, answer);
      if (fault !== undefined) {
        this.report(fault, answer.body.subarray(0, 600).toString('utf8'), request);
      }
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      // What Node's client refuses to send never was a request.
      if (code?.startsWith('ERR_') === true && !code.startsWith('ERR_SSL')) return;
      // A master that is going down refuses connections before its end is known.
      await this.master.endsWithin(endOfProcessMs);
      if (code === 'ECONNREFUSED' && this.master.end !== undefined) return;
      this.report('no answer', message, request);
    }
  }

  async plant(): Promise<void> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: fuzzNamespace } };
    await this.attempt({
      method: 'POST',
      path: '/api/v1/namespaces',
      headers: {},
      contentType: 'application/json',
      body: Buffer.from(JSON.stringify(namespace)),
    });
    for (const seed of validSeeds) await this.attempt(seed);
  }

  private async oneLane(endMs: number): Promise<void> {
    while (performance.now() < endMs && this.master.end === undefined) {
      let request = mutate(this.random.pick(this.seeds), this.random);
      if (this.random.chance(0.3)) request = mutate(request, this.random);
      await this.attempt(request);
      if (this.sent % checkEvery === 0) await this.lookAfter();
    }
  }

  /** The server's own well-being, and that one request does not change what another means. */
  private async lookAfter(): Promise<void> {
    for (const line of this.master.newLines()) {
      if (/unexpectedly|ERROR|FATAL/.test(line)) this.report('an error in the log', line);
    }
    const resident = this.master.residentBytes;
    if (resident > maxResidentBytes) {
      this.report('memory grows', `${String(Math.round(resident / 1024 / 1024))} MB`);
    }
    const canary = await this.client.send({
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps?dryRun=All',
      headers: {},
      contentType: 'application/json',
      body: Buffer.from(
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"canary"},"data":{"a":"b"}}',
      ),
    });
    const { metadata: _, ...rest } = JSON.parse(canary.body.toString('utf8')) as Record<
      string,
      unknown
    >;
    const shown = JSON.stringify(rest);
    if (
      canary.status !== 201 ||
      shown !== '{"data":{"a":"b"},"apiVersion":"v1","kind":"ConfigMap"}'
    ) {
      if (JSON.stringify(Object.keys(rest).sort()) !== '["apiVersion","data","kind"]') {
        this.report('an innocent request went wrong', shown);
      }
    }
    if (canary.durationMs > slowestAnswerMs) this.report('slow canary', `${canary.durationMs} ms`);
  }

  async run(seconds: number): Promise<void> {
    const endMs = performance.now() + seconds * 1000;
    await Promise.all(Array.from({ length: concurrency }, () => this.oneLane(endMs)));
    if (this.master.end === undefined) await this.lookAfter();
    else
      this.report('the master is gone', `${this.master.end}\n${this.master.logText.slice(-3_000)}`);
    this.client.close();
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string' }, cases: { type: 'string' } },
  });
  const seconds = Number(positionals[0] ?? '60');
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  console.log(`fuzzing for ${String(seconds)} s with --seed ${String(seed)}`);
  const random = new SeededRandom(seed);
  const master = await FuzzedMaster.start();
  try {
    const fuzzing = new Fuzzing(master, random, allSeeds(random, values.cases));
    await fuzzing.plant();
    const before = master.residentBytes;
    await fuzzing.run(seconds);
    const { findings, sent, statuses } = fuzzing;
    const shown = [...statuses]
      .sort(([a], [b]) => a - b)
      .map(([code, count]) => `${String(code)}: ${String(count)}`);
    console.log(`${String(sent)} requests; ${shown.join(', ')}`);
    if (master.end === undefined) {
      console.log(
        `RSS ${String(before >> 20)} MB → ${String(Math.round(master.residentBytes / 2 ** 20))} MB`,
      );
    }
    for (const { what, count } of findings.values()) console.log(`${String(count)} × ${what}`);
    return findings.size === 0 ? 0 : 1;
  } finally {
    await master.stop();
  }
}

process.exit(await main());
