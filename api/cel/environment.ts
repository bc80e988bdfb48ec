/** What an expression may refer to: functions (the same for all) and variables (each caller's own). */
import type { Overload } from './overload.js';
import { formatLibrary } from './library/formats.js';
import { listLibrary } from './library/lists.js';
import { networkLibrary } from './library/network.js';
import { optionalLibrary } from './library/optionals.js';
import { quantityLibrary } from './library/quantities.js';
import { regexLibrary } from './library/regex.js';
import { semverLibrary } from './library/versions.js';
import { standardLibrary } from './library/standard.js';
import { stringLibrary } from './library/strings.js';
import { timeLibrary } from './library/time-text.js';
import { urlLibrary } from './library/urls.js';
import type { CelType, ObjectType } from './types.js';

/** Functions by name; a name may be both a function and a method. */
export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

export interface EnvironmentOptions {
  readonly variables: Readonly<Record<string, CelType>>;
  /** Functions beside Kubernetes' own, such as those of the authorizer. */
  readonly functions?: readonly Overload[];
  /** Types whose literals may be written, such as `Object{…}`. */
  readonly structType?: (name: string) => ObjectType | undefined;
}

/** Made once for many expressions; immutable. */
export interface Environment {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: FunctionTable;
  readonly methods: FunctionTable;
  readonly structType: (name: string) => ObjectType | undefined;
}

function tableOf(overloads: readonly Overload[]): FunctionTable {
  const table = new Map<string, Overload[]>();
  for (const overload of overloads) {
    const known = table.get(overload.name);
    if (known === undefined) table.set(overload.name, [overload]);
    else known.push(overload);
  }
  return table;
}

const kubernetesLibrary: readonly Overload[] = [
  ...standardLibrary,
  ...timeLibrary,
  ...optionalLibrary,
  ...stringLibrary,
  ...listLibrary,
  ...regexLibrary,
  ...urlLibrary,
  ...networkLibrary,
  ...quantityLibrary,
  ...semverLibrary,
  ...formatLibrary,
];

const isMember = ({ member }: Overload): boolean => member;
const isGlobal = ({ member }: Overload): boolean => !member;

const baseFunctions = tableOf(kubernetesLibrary.filter(isGlobal));
const baseMethods = tableOf(kubernetesLibrary.filter(isMember));

function extended(base: FunctionTable, extra: readonly Overload[]): FunctionTable {
  if (extra.length === 0) return base;
  const table = new Map(base);
  for (const [name, overloads] of tableOf(extra)) {
    table.set(name, [...(base.get(name) ?? []), ...overloads]);
  }
  return table;
}

/** An environment with those variables, and those functions beside the ones all have. */
export function createEnvironment(options: EnvironmentOptions): Environment {
  const extra = options.functions ?? [];
  return {
    variables: new Map(Object.entries(options.variables)),
    functions: extended(baseFunctions, extra.filter(isGlobal)),
    methods: extended(baseMethods, extra.filter(isMember)),
    structType: options.structType ?? (() => undefined),
  };
}
