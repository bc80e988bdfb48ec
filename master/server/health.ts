/** `/healthz`, `/livez` and `/readyz`: named checks, one by one or together, in the text form people and probes know. */
import type { Express, Response } from 'express';
import type { Logger } from '../../machinery/log/log.js';
import { createHealthSlis } from './health-slis.js';

export interface HealthCheck {
  readonly name: string;
  /** Throws, or rejects, with why it fails. */
  readonly check: () => void | Promise<void>;
  /** It fails until the start is over; that is no news for the log. */
  readonly isOfStart?: boolean;
}

export interface HealthReport {
  readonly status: 200 | 500;
  readonly text: string;
  /** What failed and why, for the log; clients see only names. */
  readonly failures: readonly { readonly check: HealthCheck; readonly error: unknown }[];
}

export interface HealthOptions {
  /** `healthz`, `livez` or `readyz`, named in the last line. */
  readonly endpoint: string;
  readonly verbose: boolean;
  readonly exclude: readonly string[];
}

/** Says no until it is told that the work is done. */
export function startCheck(name: string): HealthCheck & { readonly done: () => void } {
  let finished = false;
  return {
    name,
    isOfStart: true,
    check: () => {
      if (!finished) throw new Error('not finished');
    },
    done: () => {
      finished = true;
    },
  };
}

/** Says no from when the process is to end. */
export const shutdownCheck = (stopped: AbortSignal): HealthCheck => ({
  name: 'shutdown',
  check: () => {
    if (stopped.aborted) throw new Error('the process is shutting down');
  },
});

async function errorOf({ check }: HealthCheck): Promise<{ readonly error: unknown } | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Names that were to be left out and are none. */
function unmatchedLine(
  checks: readonly HealthCheck[],
  exclude: readonly string[],
): readonly string[] {
  const unmatched = [...new Set(exclude)].filter(
    (name) => !checks.some((check) => check.name === name),
  );
  if (unmatched.length === 0) return [];
  const names = unmatched
    .sort()
    .map((name) => JSON.stringify(name))
    .join(',');
  return [`warn: some health checks cannot be excluded: no matches for ${names}`];
}

/** Runs the checks not excluded. */
export async function runChecks(
  checks: readonly HealthCheck[],
  { endpoint, verbose, exclude }: HealthOptions,
): Promise<HealthReport> {
  const failures: { check: HealthCheck; error: unknown }[] = [];
  const lineOf = async (check: HealthCheck): Promise<string> => {
    const { name } = check;
    if (exclude.includes(name)) return `[+]${name} excluded: ok`;
    const failed = await errorOf(check);
    if (failed === undefined) return `[+]${name} ok`;
    failures.push({ check, ...failed });
    return `[-]${name} failed: reason withheld`;
  };
  const lines = [...(await Promise.all(checks.map(lineOf))), ...unmatchedLine(checks, exclude)];
  const passed = failures.length === 0;
  const last = `${endpoint} check ${passed ? 'passed' : 'failed'}\n`;
  return {
    status: passed ? 200 : 500,
    text: passed && !verbose ? 'ok' : `${lines.join('\n')}\n${last}`,
    failures,
  };
}

function sendText(response: Response, status: number, text: string): void {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'no-cache, private');
  response.status(status).end(text);
}

/** The checks of each endpoint. */
export interface Health {
  readonly livez: readonly HealthCheck[];
  readonly readyz: readonly HealthCheck[];
}

/** Answers for the checks together and, below each endpoint, for one by its name. */
export function addHealth(app: Express, { livez, readyz }: Health, logger: Logger): void {
  const endpoints = { healthz: livez, livez, readyz };
  const slis = createHealthSlis();
  app.get('/metrics/slis', async (_request, response) => {
    const { contentType, body } = await slis.render();
    response.set('Content-Type', contentType).send(body);
  });
  const log = (endpoint: string, { failures }: HealthReport): void => {
    for (const { check, error } of failures) {
      const told = { endpoint, check: check.name, error };
      if (check.isOfStart === true) logger.debug('a part of the start is not finished', told);
      else logger.warn('a health check failed', told);
    }
  };
  for (const [endpoint, checks] of Object.entries(endpoints)) {
    app.get(`/${endpoint}`, async (request, response) => {
      const exclude = [request.query.exclude ?? []].flat().map(String);
      const verbose = request.query.verbose !== undefined;
      const report = await runChecks(checks, { endpoint, verbose, exclude });
      log(endpoint, report);
      for (const check of checks) {
        if (exclude.includes(check.name)) continue;
        const passed = !report.failures.some((failure) => failure.check === check);
        slis.note(endpoint, check.name, passed);
      }
      sendText(response, report.status, report.text);
    });
    for (const check of checks) {
      app.get(`/${endpoint}/${check.name}`, async (_request, response) => {
        const failed = await errorOf(check);
        slis.note(endpoint, check.name, failed === undefined);
        if (failed === undefined) sendText(response, 200, 'ok');
        else sendText(response, 500, 'internal server error: reason withheld\n');
      });
    }
  }
}
