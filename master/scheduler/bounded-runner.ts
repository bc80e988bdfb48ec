/**
 * Runs tasks a few at a time. A task given under the key of one that still waits takes its place, and beyond a bound the
 * one that waited longest is dropped: what it reports is out of date by then.
 */
export class BoundedRunner {
  private readonly limits: { readonly running: number; readonly waiting: number };
  private readonly waiting = new Map<string, () => Promise<void>>();
  private running = 0;

  constructor(limits: { readonly running: number; readonly waiting: number }) {
    this.limits = limits;
  }

  /** Tasks handle their own failures and never reject. */
  run(key: string, task: () => Promise<void>): void {
    this.waiting.delete(key);
    this.waiting.set(key, task);
    if (this.waiting.size > this.limits.waiting) {
      const oldest = this.waiting.keys().next();
      if (oldest.done !== true) this.waiting.delete(oldest.value);
    }
    this.start();
  }

  private start(): void {
    while (this.running < this.limits.running) {
      const next = this.waiting.entries().next();
      if (next.done === true) return;
      const [key, task] = next.value;
      this.waiting.delete(key);
      this.running += 1;
      void task().finally(() => {
        this.running -= 1;
        this.start();
      });
    }
  }
}
