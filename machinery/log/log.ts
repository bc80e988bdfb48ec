/**
 * The only door to log output. A line is a constant message plus fields; secrets never go into fields.
 */
import { pino, type DestinationStream } from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

/** An error goes into the field `error`; its message, stack and causes are written out. */
export interface Logger {
  readonly debug: (message: string, fields?: LogFields) => void;
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
  /** A logger that adds these fields to every line. */
  readonly with: (fields: LogFields) => Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: 'pretty' | 'json';
  readonly destination?: DestinationStream;
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { message: error.message, stack: error.stack, ...cause };
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
  if (typeof value === 'object' && value !== null && 'message' in value && 'stack' in value) {
    return JSON.stringify(value.message);
  }
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

/** One line a record: time, level, message, then `field=value` pairs. */
function prettyLine(record: Readonly<Record<string, unknown>>): string {
  const { time, level, msg, ...fields } = record;
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
  return [String(time), String(level).toUpperCase().padEnd(5), String(msg), ...pairs].join(' ');
}

const prettyStream = (destination: DestinationStream): DestinationStream => ({
  write: (line) => {
    destination.write(`${prettyLine(JSON.parse(line) as Record<string, unknown>)}\n`);
  },
});

/** A logger that writes to standard error, or where it is told. */
export function createLogger(options: LoggerOptions): Logger {
  const output = options.destination ?? process.stderr;
  const target = options.format === 'pretty' ? prettyStream(output) : output;
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    target,
  );
  const wrap = (logger: () => typeof root): Logger => ({
    debug: (message, fields = {}) => {
      logger().debug(fields, message);
    },
    info: (message, fields = {}) => {
      logger().info(fields, message);
    },
    warn: (message, fields = {}) => {
      logger().warn(fields, message);
    },
    error: (message, fields = {}) => {
      logger().error(fields, message);
    },
    with: (fields) => {
      // Made for its first line: most of those made for one piece of work never write any.
      let narrower: typeof root | undefined;
      return wrap(() => (narrower ??= logger().child({ ...fields })));
    },
  });
  return wrap(() => root);
}

/** Says nothing; for tests and for libraries used without a process around them. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLogger,
};
