/**
 * Every file that is generated: `types.ts` beside every group-version's schemas, the TypeScript face of the declarations in
 * `api/`, and docs/config.md. `npm run generate` writes them; a test fails when the files on disk differ.
 *
 * Two liberties are taken with OpenAPI's optional fields, because every object that has passed the registry has them:
 * a kind's `apiVersion`, `kind`, `metadata`, `spec` and `status`, and `ObjectMeta`'s name, uid, resourceVersion and
 * creationTimestamp are not optional. `NewObject<T>` is the type of an object that has yet to be created.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { agentTable } from '../agent/config.js';
import type { Definition, Field, Scalar, Schema } from '../api/schema/schema.js';
import { upTable } from '../cli/up-config.js';
import { markdownTable } from '../machinery/config/config.js';
import { masterTable } from '../master/config.js';

const distRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const scalarTypes: Readonly<Record<Scalar, string>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'number',
  int64: 'number',
  double: 'number',
  bytes: 'string',
  any: 'unknown',
  object: 'Record<string, unknown>',
  time: 'string',
  microTime: 'string',
  quantity: 'string',
  intOrString: 'number | string',
  rawExtension: 'unknown',
  fieldsV1: 'Record<string, unknown>',
};

const stampedMetadata = new Set(['name', 'uid', 'resourceVersion', 'creationTimestamp']);
const alwaysPresent = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

const metaPrelude = `
/** Anything with a kind, an apiVersion and metadata, as the registry hands it out. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object before it is created: the server has yet to fill in its metadata, and its status may be absent. */
export type NewObject<T extends KubeObject> = Omit<T, 'metadata' | 'status'> & {
  metadata: Partial<ObjectMeta>;
  status?: unknown;
};
`;

interface Module {
  /** Folder below \`api/\`, such as \`core/v1\`. */
  readonly folder: string;
  readonly definitions: Definition[];
}

const shortName = (definition: Definition): string => definition.name.split('.').at(-1) ?? '';
const packageOf = (definition: Definition): string =>
  definition.name.split('.').slice(0, -1).join('.');
const isDefinition = (value: unknown): value is Definition =>
  typeof value === 'object' && value !== null && 'fields' in value && 'name' in value;

async function collect(): Promise<Module[]> {
  const root = path.join(distRoot, 'api');
  const modules = new Map<string, Map<string, Definition>>();
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  for (const file of files) {
    const [group, version] = file.split(path.sep);
    if (!file.endsWith('.js') || file.endsWith('.test.js') || !/^v\d/.test(version ?? '')) continue;
    const loaded = (await import(pathToFileURL(path.join(root, file)).href)) as object;
    const folder = `${group ?? ''}/${version ?? ''}`;
    const known = modules.get(folder) ?? new Map<string, Definition>();
    for (const value of Object.values(loaded)) {
      if (isDefinition(value)) known.set(value.name, value);
    }
    modules.set(folder, known);
  }
  return [...modules]
    .map(([folder, definitions]) => ({ folder, definitions: [...definitions.values()] }))
    .filter((module) => module.definitions.length > 0);
}

class TypeWriter {
  readonly imports = new Map<string, Set<string>>();
  private readonly module: Module;
  private readonly folders: ReadonlyMap<string, string>;

  constructor(module: Module, folders: ReadonlyMap<string, string>) {
    this.module = module;
    this.folders = folders;
  }

  private nameFor(target: Definition): string {
    const folder = this.folders.get(packageOf(target));
    if (folder !== undefined && folder !== this.module.folder) {
      const names = this.imports.get(folder) ?? new Set<string>();
      this.imports.set(folder, names.add(shortName(target)));
    }
    return shortName(target);
  }

  private typeOf(schema: Schema, field?: Field): string {
    switch (schema.type) {
      case 'scalar':
        return field?.enum === undefined
          ? scalarTypes[schema.scalar]
          : field.enum.map((value) => `'${value}'`).join(' | ');
      case 'list': {
        const items = this.typeOf(schema.items, field);
        return /[ |]/.test(items) ? `(${items})[]` : `${items}[]`;
      }
      case 'map':
        return `Record<string, ${this.typeOf(schema.values)}>`;
      case 'ref':
        return this.nameFor(schema.target());
    }
  }

  write(definition: Definition): string {
    const { fields } = definition;
    if (definition.freeform === true) {
      return `/** ${definition.description} */\nexport type ${shortName(definition)} = string | number | boolean | object | null;\n`;
    }
    if (Object.keys(fields).length === 0) {
      return `/** ${definition.description} */\nexport type ${shortName(definition)} = Record<string, never>;\n`;
    }
    const isKind = 'apiVersion' in fields && 'kind' in fields && 'metadata' in fields;
    const isObjectMeta = definition.name === `${metaPackage}.ObjectMeta`;
    const lines = Object.entries(fields).map(([name, field]) => {
      const isPresent =
        field.required === true ||
        (isKind && alwaysPresent.has(name)) ||
        (isObjectMeta && stampedMetadata.has(name));
      const type = this.typeOf(field.schema, field);
      const isTemplateMetadata = !isKind && name === 'metadata' && type === 'ObjectMeta';
      const shown = isTemplateMetadata ? 'Partial<ObjectMeta>' : type;
      const key = /^\w+$/.test(name) ? name : `'${name}'`;
      const comment = `  /** ${field.description} */\n`;
      const orAbsent = isPresent || shown === 'unknown' ? '' : ' | undefined';
      return `${comment}  ${key}${isPresent ? '' : '?'}: ${shown}${orAbsent};`;
    });
    return `/** ${definition.description} */\nexport interface ${shortName(definition)} {\n${lines.join('\n')}\n}\n`;
  }
}

async function generatedTypes(): Promise<ReadonlyMap<string, string>> {
  const modules = await collect();
  const folders = new Map<string, string>();
  for (const module of modules) {
    for (const definition of module.definitions) folders.set(packageOf(definition), module.folder);
  }
  const files = new Map<string, string>();
  for (const module of modules) {
    const writer = new TypeWriter(module, folders);
    const bodies = module.definitions
      .filter((definition) => folders.get(packageOf(definition)) === module.folder)
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((definition) => writer.write(definition));
    const imports = [...writer.imports].map(
      ([folder, names]) =>
        `import type { ${[...names].sort().join(', ')} } from '../../${folder}/types.js';\n`,
    );
    const text = [
      '// Generated by `npm run generate` from the schemas in this folder. Do not edit.\n',
      ...imports,
      ...(module.folder === 'meta/v1' ? [metaPrelude] : []),
      ...bodies,
    ].join('\n');
    files.set(`api/${module.folder}/types.ts`, text);
  }
  return files;
}

const configDocument = (): string => `# Configuration

Generated by \`npm run generate\` from the tables that parse it.

Every setting is a flag, an environment variable and a key of the YAML file named by \`--config\` (or \`PINTLE_CONFIG\`). A flag wins over the
environment, the environment over the file.

## pintle up

${markdownTable(upTable)}

## pintle master

${markdownTable(masterTable)}

## pintle agent

${markdownTable(agentTable)}
`;

/** The text of every generated file, by its path in the repository. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await generatedTypes()), ['docs/config.md', configDocument()]]);
}
