/**
 * The only door to configuration. A component declares one table; each row is a flag, an environment variable and a key of
 * `--config FILE.yaml`, in that order of precedence. The table is parsed once, frozen and passed down; `--help` and
 * docs/config.md are generated from it.
 */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { errorText } from '../error-text.js';

export interface ConfigRow<T> {
  /** The flag without its dashes, such as `data-dir`. The environment variable is PINTLE_DATA_DIR, the file's key the same. */
  readonly flag: string;
  /** Turns the text given (or the value in the file) into the setting; its issues become the error message. */
  readonly schema: z.ZodType<T>;
  /** Absent for settings that must be given or may stay undefined, as the schema says. */
  readonly default?: T;
  /** How the default reads in `--help`, where it depends on the machine. */
  readonly defaultText?: string;
  /** What stands for the value in `--help`, such as `DIR`. */
  readonly placeholder: string;
  readonly help: string;
}

export type ConfigTable<T> = { readonly [Name in keyof T]: ConfigRow<T[Name]> };

/** A setting that is missing, unknown or wrong, in words for the person who gave it. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
  }
}

export interface ConfigSources {
  /** Arguments after the subcommand: `--flag value` or `--flag=value`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The arguments given and this process's environment. */
export const processSources = (args: readonly string[]): ConfigSources => ({
  args,
  env: process.env,
});

const environmentName = (flag: string): string =>
  `PINTLE_${flag.toUpperCase().replaceAll('-', '_')}`;

interface GivenValue {
  readonly value: unknown;
  /** Where it was given, for error messages. */
  readonly source: string;
}

function parseArguments(
  args: readonly string[],
  flags: ReadonlySet<string>,
): ReadonlyMap<string, GivenValue> {
  const given = new Map<string, GivenValue>();
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [, flag = '', inline] = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    if (!flags.has(flag)) {
      throw new ConfigError(`unknown argument ${argument}; --help lists what there is`);
    }
    const value = inline ?? rest.shift();
    if (value === undefined) throw new ConfigError(`--${flag} needs a value`);
    given.set(flag, { value, source: `--${flag}` });
  }
  return given;
}

function readConfigFile(
  file: string,
  flags: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = parseYaml(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = errorText(cause);
    throw new ConfigError(`cannot read the configuration file ${file}: ${why}`, { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ConfigError(`${file} must be a YAML mapping from flag names to values`);
  }
  const unknown = Object.keys(parsed).find((key) => !flags.has(key));
  if (unknown !== undefined) throw new ConfigError(`${file}: unknown key ${unknown}`);
  return parsed as Readonly<Record<string, unknown>>;
}

/** Reads a table from flags, environment and file. Throws ConfigError. */
export function parseConfig<T extends object>(
  table: ConfigTable<T>,
  sources: ConfigSources,
): Readonly<T> {
  const rows = Object.entries(table) as [keyof T & string, ConfigRow<unknown>][];
  const flags = new Set(['config', ...rows.map(([, row]) => row.flag)]);
  const given = parseArguments(sources.args, flags);
  const named = given.get('config')?.value;
  const file = typeof named === 'string' ? named : sources.env.PINTLE_CONFIG;
  // An empty variable counts as unset, so that a parent can take a file out of its children's environment.
  const inFile = file === undefined || file === '' ? {} : readConfigFile(file, flags);
  const find = (flag: string): GivenValue | undefined => {
    const fromEnvironment = sources.env[environmentName(flag)];
    if (given.has(flag)) return given.get(flag);
    if (fromEnvironment !== undefined) {
      return { value: fromEnvironment, source: environmentName(flag) };
    }
    if (!(flag in inFile)) return undefined;
    return { value: inFile[flag], source: `${file ?? ''}: ${flag}` };
  };
  const settings = rows.map(([name, row]) => {
    const found = find(row.flag);
    if (found === undefined && 'default' in row) return [name, row.default] as const;
    const result = row.schema.safeParse(found?.value);
    if (result.success) return [name, result.data] as const;
    const why = result.error.issues.map((issue) => issue.message).join('; ');
    throw new ConfigError(
      found === undefined
        ? `--${row.flag} (or ${environmentName(row.flag)}) is needed: ${row.help}`
        : `${found.source}: ${JSON.stringify(found.value)} is not usable: ${why}`,
    );
  });
  return Object.freeze(Object.fromEntries(settings)) as Readonly<T>;
}

const defaultOf = (row: ConfigRow<unknown>): string => {
  const standard = row.defaultText ?? row.default;
  return typeof standard === 'string' || typeof standard === 'number' ? String(standard) : '';
};

/** The flags of `--help`, one a line, aligned. */
export function helpText<T extends object>(table: ConfigTable<T>): string {
  const rows = Object.values<ConfigRow<unknown>>(table);
  const lines = rows.map((row) => [`--${row.flag} ${row.placeholder}`, row] as const);
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines
    .map(([left, row]) => {
      const standard = defaultOf(row);
      return `  ${left.padEnd(width)}  ${row.help}${standard === '' ? '' : ` (default: ${standard})`}`;
    })
    .join('\n');
}

/** The rows of a Markdown table for docs/config.md. */
export function markdownTable<T extends object>(table: ConfigTable<T>): string {
  const rows = Object.values<ConfigRow<unknown>>(table);
  return [
    '| flag and file key | environment | default | meaning |',
    '|---|---|---|---|',
    ...rows.map((row) => {
      const standard = defaultOf(row);
      const shown = standard === '' ? '' : `\`${standard}\``;
      return `| \`--${row.flag}\` | \`${environmentName(row.flag)}\` | ${shown} | ${row.help.replaceAll('|', '\\|')} |`;
    }),
  ].join('\n');
}
