/** A kind of custom resources for a test: its definition, made and deleted, and the paths of its objects. */
import { eventually } from '../../../testing/eventually.js';
import type { Answer, WireClient } from './wire-client.js';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export interface CustomKindOptions {
  readonly labels?: Readonly<Record<string, string>>;
  /** The version that is stored; the first by default. */
  readonly storage?: string;
  /** Makes the objects belong to namespaces. */
  readonly namespaced?: boolean;
  /** More fields of every version, such as `selectableFields`. */
  readonly perVersion?: Readonly<Record<string, object>>;
  /** More fields of the definition’s spec. */
  readonly spec?: object;
}

export class CustomKind {
  readonly kind: string;
  readonly group: string;
  readonly plural: string;
  private readonly api: WireClient;

  constructor(api: WireClient, kind: string, group = 'conformance.pintle.example') {
    this.api = api;
    this.kind = kind;
    this.group = group;
    this.plural = `${kind.toLowerCase()}s`;
  }

  /** The name of the definition. */
  get definition(): string {
    return `${this.plural}.${this.group}`;
  }

  /** Where the objects are, cluster-wide, in v1. */
  get path(): string {
    return `/apis/${this.group}/v1/${this.plural}`;
  }

  /** Where the objects of a namespace are. */
  in(namespace: string, version = 'v1'): string {
    return `/apis/${this.group}/${version}/namespaces/${namespace}/${this.plural}`;
  }

  /** The definition with a schema for each version. */
  body(
    schemas: Readonly<Record<string, object>>,
    {
      labels = {},
      storage,
      namespaced = false,
      perVersion = {},
      spec = {},
    }: CustomKindOptions = {},
  ): object {
    const stored = storage ?? Object.keys(schemas)[0];
    return {
      metadata: { name: this.definition, labels },
      spec: {
        group: this.group,
        scope: namespaced ? 'Namespaced' : 'Cluster',
        names: { plural: this.plural, kind: this.kind },
        versions: Object.entries(schemas).map(([name, openAPIV3Schema]) => ({
          name,
          served: true,
          storage: name === stored,
          schema: { openAPIV3Schema },
          ...perVersion[name],
        })),
        ...spec,
      },
    };
  }

  /** Creates the definition and waits until its objects are served. */
  async create(
    schemas: Readonly<Record<string, object>>,
    options: CustomKindOptions = {},
  ): Promise<void> {
    (await this.api.post(definitions, this.body(schemas, options))).expect(201);
    for (const version of Object.keys(schemas)) {
      const place = `/apis/${this.group}/${version}/${this.plural}`;
      await eventually(async () => (await this.api.get(place)).expect(200));
    }
  }

  /** Creates an object, which must be accepted. */
  async post(object: object, place = this.path): Promise<Answer> {
    const body = { apiVersion: `${this.group}/v1`, kind: this.kind, ...object };
    return (await this.api.post(place, body)).expect(201);
  }

  /** Gives a version another schema. */
  async setSchema(version: string, openAPIV3Schema: object): Promise<void> {
    const place = `${definitions}/${this.definition}`;
    const { spec } = (await this.api.get(place)).expect(200).json as {
      spec: { versions: readonly { name: string }[] };
    };
    const versions = spec.versions.map((declared) =>
      declared.name === version ? { ...declared, schema: { openAPIV3Schema } } : declared,
    );
    (await this.api.patch(place, 'merge-patch', { spec: { versions } })).expect(200);
  }

  /** Deletes the definition and waits until it is gone. */
  async delete(): Promise<void> {
    const place = `${definitions}/${this.definition}`;
    (await this.api.delete(place)).expect(200);
    await eventually(async () => (await this.api.get(place)).expect(404));
  }
}
