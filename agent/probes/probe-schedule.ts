/** One probe of one container through time: delay, period, thresholds. */
import type { Probe } from '../../api/core/v1/types.js';
import type { CancelTimer, Clock } from '../../machinery/clock/clock.js';
import {
  defaultFailureThreshold,
  defaultPeriodSeconds,
  defaultSuccessThreshold,
  defaultTimeoutSeconds,
} from './limits.js';
import { failed, type ProbeResult } from './probe-result.js';

export interface ScheduleOptions {
  readonly probe: Probe;
  readonly clock: Clock;
  readonly startedAtMs: number;
  /** Tries once; must never reject and should end soon after the signal is aborted. */
  readonly attempt: (signal: AbortSignal) => Promise<ProbeResult>;
  /** The outcome after thresholds; called when it changes. */
  readonly onOutcome: (success: boolean, message: string) => void;
  /** Every try that failed, thresholds aside. */
  readonly onFailure: (message: string) => void;
}

export class ProbeSchedule {
  private readonly options: ScheduleOptions;
  private readonly stopped = new AbortController();
  private cancel: CancelTimer = () => undefined;
  private outcome: boolean | undefined;
  private streak = 0;
  private streakSuccess = false;

  constructor(options: ScheduleOptions) {
    this.options = options;
    const { probe, clock, startedAtMs } = options;
    const dueMs = startedAtMs + (probe.initialDelaySeconds ?? 0) * 1000;
    this.wait(Math.max(dueMs - clock.now(), 0));
  }

  stop(): void {
    this.stopped.abort();
    this.cancel();
  }

  private wait(delayMs: number): void {
    if (this.stopped.signal.aborted) return;
    this.cancel = this.options.clock.after(delayMs, () => {
      void this.tryOnce();
    });
  }

  private async tryOnce(): Promise<void> {
    const { probe, clock } = this.options;
    const periodMs = (probe.periodSeconds ?? defaultPeriodSeconds) * 1000;
    const beganMs = clock.now();
    const result = await this.limited((probe.timeoutSeconds ?? defaultTimeoutSeconds) * 1000);
    if (this.stopped.signal.aborted) return;
    this.judge(result);
    this.wait(Math.max(periodMs - (clock.now() - beganMs), 0));
  }

  private async limited(timeoutMs: number): Promise<ProbeResult> {
    const expired = new AbortController();
    const cancel = this.options.clock.after(timeoutMs, () => {
      expired.abort();
    });
    const signal = AbortSignal.any([expired.signal, this.stopped.signal]);
    const timeout = new Promise<ProbeResult>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(failed(`probe timed out after ${timeoutMs / 1000}s`));
      });
    });
    try {
      return await Promise.race([this.options.attempt(signal), timeout]);
    } finally {
      cancel();
    }
  }

  private judge({ success, message, inconclusive = false }: ProbeResult): void {
    if (inconclusive) return;
    const { probe, onOutcome, onFailure } = this.options;
    if (!success) onFailure(message);
    this.streak = success === this.streakSuccess ? this.streak + 1 : 1;
    this.streakSuccess = success;
    const threshold = success
      ? (probe.successThreshold ?? defaultSuccessThreshold)
      : (probe.failureThreshold ?? defaultFailureThreshold);
    if (this.streak < threshold || this.outcome === success) return;
    this.outcome = success;
    onOutcome(success, message);
  }
}
