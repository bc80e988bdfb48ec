/** `/healthz`, `/livez` and `/readyz`: named checks, one by one or together, in the text form people and probes know. */

export interface HealthCheck {
  readonly name: string;
  /** Throws, or rejects, with why it fails. */
  readonly check: () => void | Promise<void>;
}

export interface HealthReport {
  readonly status: 200 | 500;
  readonly text: string;
  /** What failed and why, for the log; clients see only names. */
  readonly failures: readonly { readonly name: string; readonly error: unknown }[];
}

/** Runs the checks not excluded. `endpoint` is named in the last line. */
export async function runChecks(
  checks: readonly HealthCheck[],
  options: {
    readonly endpoint: string;
    readonly verbose: boolean;
    readonly exclude: readonly string[];
  },
): Promise<HealthReport> {
  const failures: { name: string; error: unknown }[] = [];
  const lines: string[] = [];
  for (const { name, check } of checks) {
    if (options.exclude.includes(name)) {
      lines.push(`[+]${name} excluded: ok`);
      continue;
    }
    try {
      await check();
      lines.push(`[+]${name} ok`);
    } catch (error) {
      failures.push({ name, error });
      lines.push(`[-]${name} failed: reason withheld`);
    }
  }
  const passed = failures.length === 0;
  const last = `${options.endpoint} check ${passed ? 'passed' : 'failed'}\n`;
  return {
    status: passed ? 200 : 500,
    text: passed && !options.verbose ? 'ok' : `${lines.join('\n')}\n${last}`,
    failures,
  };
}
