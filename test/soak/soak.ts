/**
 * Fifty informers follow a master for a while: it is written to, restarted and killed, informers lose their connections and their
 * state, some are too slow. Every event each of them hears is compared with the store's own log, read from the disk beside
 * the master, and the master's memory is measured.
 *
 * Runs inside a network namespace of its own; called by `run.ts` and by the lab test.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openStoreTail } from '../../master/store/tail.js';
import { Follower, type FollowerForm } from './follower.js';
import { SoakMaster } from './master.js';
import { Witness } from './witness.js';
import { Writers, writtenKinds } from './writers.js';

export interface SoakOptions {
  readonly dataDir: string;
  readonly nodeIp: string;
  readonly minutes: number;
  readonly followers: number;
  readonly log: (line: string) => void;
}

export interface SoakResult {
  readonly written: number;
  readonly checked: number;
  readonly lists: number;
  readonly sessions: number;
  readonly mistakes: readonly string[];
  /** The master's memory, in MB, once it had warmed up after its last restart, and at the end. */
  readonly memory: { readonly warm: number; readonly end: number };
}

const forms: readonly FollowerForm[] = ['objects', 'watch-list', 'metadata', 'table'];
const secondMs = 1000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Soak {
  private readonly options: SoakOptions;
  private readonly master: SoakMaster;
  private followers: Follower[] = [];
  private readonly memory: { atMs: number; own: number; mapped: number }[] = [];
  private restartedMs = 0;

  constructor(options: SoakOptions) {
    this.options = options;
    mkdirSync(options.dataDir, { recursive: true });
    this.master = new SoakMaster(options.dataDir, options.nodeIp);
  }

  private makeFollowers(witness: Witness): readonly Follower[] {
    const { connection } = this.master;
    return Array.from({ length: this.options.followers }, (_, position) => {
      const kind = writtenKinds[position % writtenKinds.length];
      const form = forms[Math.floor(position / writtenKinds.length) % forms.length] ?? 'objects';
      const { path: collection = '', resource = '' } = kind ?? {};
      const common = { connection, witness, path: collection, resource, form };
      // A few read slower than it is written.
      return new Follower(position % 16 === 15 ? { ...common, dawdleMs: 150 } : common);
    });
  }

  /** What happens in the second so far from the start: restarts in the first third, so that memory has long to show how it goes on; interruptions all the time. */
  private async disturb(second: number, total: number): Promise<void> {
    const any = (): Follower | undefined =>
      this.followers[Math.floor(Math.random() * this.followers.length)];
    if (second % 3 === 0) any()?.interrupt();
    if (second % 10 === 0) any()?.forget();
    const restarts = [0.1, 0.2, 0.3].map((part) => Math.floor(part * total));
    const turn = restarts.indexOf(second);
    if (turn < 0) return;
    const signal = turn % 2 === 0 ? 'SIGKILL' : 'SIGTERM';
    this.options.log(`second ${String(second)}: ${signal} to the master`);
    await this.master.end(signal);
    await this.master.start();
    this.restartedMs = performance.now();
  }

  async run(): Promise<SoakResult> {
    const { minutes, log } = this.options;
    await this.master.start();
    const tail = openStoreTail(path.join(this.options.dataDir, 'store'));
    const witness = new Witness(tail);
    const writers = new Writers(() => this.master.connection);
    await writers.prepare();
    const writing = writers.run(8, 60);
    this.followers = [...this.makeFollowers(witness)];
    const following = this.followers.map((follower) => follower.run());
    const total = Math.round(minutes * 60);
    for (let second = 1; second <= total; second++) {
      await pause(secondMs);
      await this.disturb(second, total);
      witness.read();
      for (const follower of this.followers) follower.settle();
      this.memory.push({ atMs: performance.now(), ...this.master.memory });
      if (second % 60 === 0) log(this.progress(second, writers.written));
    }
    writers.stop();
    await writing;
    // The last events are on their way.
    await this.quiesce(witness);
    for (const follower of this.followers) follower.stop();
    await Promise.allSettled(following);
    for (const follower of this.followers) follower.finish();
    await this.master.end('SIGTERM');
    await tail.close();
    return this.result(writers.written);
  }

  /** Waits until every follower has heard everything, or cannot be waited for any longer. */
  private async quiesce(witness: Witness): Promise<void> {
    for (let tried = 0; tried < 30; tried++) {
      await pause(secondMs);
      witness.read();
      for (const follower of this.followers) follower.settle();
      if (this.followers.every((follower) => follower.isCaughtUp())) return;
    }
  }

  private progress(second: number, written: number): string {
    const mistakes = this.followers.reduce((sum, follower) => sum + follower.mistakes.length, 0);
    const checked = this.followers.reduce((sum, follower) => sum + follower.checked, 0);
    const { own = 0, mapped = 0 } = this.memory.at(-1) ?? {};
    return `minute ${String(second / 60)}: ${String(written)} writes, ${String(checked)} events checked, ${String(mistakes)} mistakes, master ${own.toFixed(0)} MB of its own, ${mapped.toFixed(0)} MB of mapped files`;
  }

  private result(written: number): SoakResult {
    const sum = (of: (follower: Follower) => number): number =>
      this.followers.reduce((total, follower) => total + of(follower), 0);
    const since = this.memory.filter(({ atMs }) => atMs > this.restartedMs);
    const middle = (part: readonly { readonly own: number }[]): number => {
      const sorted = part.map(({ own }) => own).sort((a, b) => a - b);
      return sorted[sorted.length >> 1] ?? 0;
    };
    const quarter = Math.max(1, since.length >> 2);
    return {
      written,
      checked: sum((follower) => follower.checked),
      lists: sum((follower) => follower.lists),
      sessions: sum((follower) => follower.sessions),
      mistakes: this.followers.flatMap((follower) => follower.mistakes),
      memory: {
        warm: middle(since.slice(quarter, 2 * quarter)),
        end: middle(since.slice(-quarter)),
      },
    };
  }
}

export const soak = (options: SoakOptions): Promise<SoakResult> => new Soak(options).run();
