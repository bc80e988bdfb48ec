/**
 * `defineResource`: one declarative value per kind, from which the API server derives routes, discovery, OpenAPI, tables,
 * validation, defaulting, patch behaviour and storage. Nobody writes a route for a kind.
 *
 * Called by the kind files of `api/`; read by `master/` and by every client for the resource's path.
 */
import type { FieldError } from '../validation/field-error.js';
import type { NameFormat } from '../validation/names.js';
import type { DeleteOptions, KubeObject } from '../meta/v1/types.js';
import type { Definition } from './schema.js';

export type Verb =
  'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** What a client needs to address a resource; `T` is carried for type inference only. */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The resource's name in paths, such as `pods`. */
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly __type?: T;
}

/** A column of `kubectl get`. Cells are what a table row holds: text, a number, or null for absent. */
export interface TableColumn<T> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean' | 'number';
  readonly format?: 'name';
  readonly description: string;
  /** 0 is shown always, 1 with `-o wide`. */
  readonly priority: number;
  /** `now` is milliseconds since the epoch, for ages. */
  readonly cell: (object: T, now: number) => string | number | boolean | null;
}

/** Why an object is done with: one word, and a sentence for people. */
export interface Completion {
  readonly reason: string;
  readonly message: string;
}

/** Who makes a request, as a kind that records it sees them. */
export interface Requester {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Facts and functions about one object at a time; all pure. Functions that prepare change the draft they are given. */
export interface Strategy<T extends KubeObject> {
  /** Whether `metadata.generation` counts changes of everything but metadata and status. */
  readonly tracksGeneration?: boolean;
  /** The generation counts changes of annotations too: they are handed on to what the object makes. */
  readonly countsAnnotations?: true;
  /** A PUT must say which version it replaces. */
  readonly requiresVersion?: boolean;
  /** What a write to `/status` leaves as it is, beside the spec; changes of metadata are taken where nothing is said. */
  readonly statusKeeps?: 'metadata' | 'labels';
  /**
   * What no writer comes to own, by the place it is written to, in dotted paths: fields that such a write leaves as they are,
   * beside the status on the object itself and all but status and metadata on `/status`.
   */
  readonly neverOwned?: {
    readonly main?: readonly string[];
    readonly status?: readonly string[];
  };
  /** PUT of a name that does not exist creates it. */
  readonly allowCreateOnUpdate?: boolean;
  /** Runs on a draft after decoding and defaulting, before validation. `now` is milliseconds since the epoch. */
  readonly prepareForCreate?: (draft: T, now: number, requester?: Requester) => void;
  /** As above, for writes to the main resource (status already reset to the stored one). */
  readonly prepareForUpdate?: (draft: T, stored: T, now: number) => void;
  /** As above, for writes to `/status` (everything but status already reset to the stored one). */
  readonly prepareForStatusUpdate?: (draft: T, stored: T, now: number) => void;
  /** Seconds a delete must wait for the owner of the object (the agent, for a pod); 0 deletes at once. */
  readonly deletionGracePeriodSeconds?: (stored: T, options: DeleteOptions) => number;
  /**
   * A delete that says nothing of what the object owns leaves it alone, as kinds from before garbage collection do; the client
   * is told so with `warning`.
   */
  readonly orphansDependents?: { readonly warning?: string };
  /** Finalizers every new object of the kind starts with. */
  readonly initialFinalizers?: readonly string[];
  /** Messages for the `Warning` header of a create or update (deprecated fields and the like). */
  readonly warnings?: (draft: T, stored: T | undefined) => readonly string[];
  /** The same of a write of the status. */
  readonly statusWarnings?: (draft: T) => readonly string[];
}

/** A subresource that maps onto the object itself through another kind, such as `scale`. */
export interface ScaleSubresource<T extends KubeObject> {
  readonly replicas: (object: T) => number;
  /** Why an object has no scale to show; undefined where it has one. */
  readonly unreadable?: (object: T) => string | undefined;
  readonly setReplicas: (draft: T, replicas: number) => void;
  readonly statusReplicas: (object: T) => number;
  /** The label selector of the pods, in its string form. */
  readonly selector: (object: T) => string;
  /** What a missing object is reported as where that is not the resource itself. */
  readonly missedAs?: { readonly group: string; readonly plural: string };
}

/** A subresource whose behaviour the server implements by name (`binding`, `eviction`, `log`, `exec`, `token`, …). */
export interface NamedSubresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly ('create' | 'get' | 'patch' | 'update' | 'delete')[];
  /** The definition of its body; undefined for streams such as `exec`. */
  readonly schema?: Definition;
}

/** From any JSON value to an object and the paths of what was pruned. May change and keep the value it is given. */
export type CustomDecoder = (value: unknown) => {
  readonly object: Record<string, unknown>;
  readonly unknownFields: readonly string[];
};

/** From the form a version is served in to the stored one, and back. */
export interface Conversion<T extends KubeObject = KubeObject> {
  readonly toStored: (object: T) => KubeObject;
  readonly fromStored: (object: KubeObject) => T;
}

export interface ResourceDeclaration<T extends KubeObject> extends ResourceRef<T> {
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly schema: Definition;
  /** Decodes bodies in place of `schema`, for resources whose shape no declaration can say. */
  readonly decode?: CustomDecoder;
  /** Every request is answered with this warning. */
  readonly deprecation?: string;
  /** All eight when absent. A resource whose only verb is `create` is answered by the server and never stored. */
  readonly verbs?: readonly Verb[];
  readonly status?: true;
  readonly scale?: ScaleSubresource<T>;
  readonly subresources?: readonly NamedSubresource[];
  /** Fills absent fields of a decoded object, as Kubernetes' defaulting does. Changes the draft. */
  readonly defaults?: (draft: T) => void;
  /** What is wrong with an object. On updates `stored` is what it replaces. */
  readonly validate: (object: T, stored?: T) => readonly FieldError[];
  /** Checks beside `validate` for new objects only. */
  readonly validateCreate?: (object: T) => readonly FieldError[];
  /** Checks beside `validate` for updates of the main resource. */
  readonly validateUpdate?: (object: T, stored: T) => readonly FieldError[];
  readonly validateStatusUpdate?: (object: T, stored: T) => readonly FieldError[];
  readonly strategy?: Strategy<T>;
  /** `Name` and `Age` alone when absent. `Name` must be the first of those given. */
  readonly columns?: readonly TableColumn<T>[];
  /** How an object is done with, which its row in a table says; undefined while it is not. */
  readonly completion?: (object: T) => Completion | undefined;
  /** The order of the rows in the table of a list; that of the names when absent. */
  readonly compareRows?: (a: T, b: T) => number;
  /** Field selectors beside metadata.name and metadata.namespace, each with how to read it. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>;
  /** The group that refusals name where it is not the own one: Kubernetes keeps an older one there. */
  readonly refusalGroup?: string;
  /**
   * Annotations that Kubernetes makes of the spec when it writes an object out: they show in the object, and not where its
   * metadata shows alone.
   */
  readonly derivedAnnotations?: readonly string[];
  /** Finalizers without a slash may be of any name. */
  readonly anyFinalizers?: true;
  /** How names are checked: RFC 1123 subdomain (default), label, a path segment (RBAC), an IP address or what a key may be. */
  readonly nameFormat?: NameFormat;
  /** True for an older spelling of a resource stored under another group, such as events in events.k8s.io. */
  readonly storedAs?: { readonly group: string; readonly version: string; readonly plural: string };
  /** Translates to and from the stored version where `storedAs` is given. */
  readonly convert?: Conversion<T>;
}

/** A resource as the server sees it: a declaration with everything optional decided. */
export interface ResourceDefinition<
  T extends KubeObject = KubeObject,
> extends ResourceDeclaration<T> {
  /** `v1` or `group/version`. */
  readonly apiVersion: string;
  readonly listKind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  readonly nameFormat: NameFormat;
  readonly strategy: Strategy<T>;
  readonly subresources: readonly NamedSubresource[];
  readonly selectableFields: Readonly<Record<string, (object: T) => string>>;
}

const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** Declares a kind. See `docs/checklists/new-kind.md` for the steps around it. */
export function defineResource<T extends KubeObject>(
  declaration: ResourceDeclaration<T>,
): ResourceDefinition<T> {
  return {
    shortNames: [],
    categories: [],
    verbs: allVerbs,
    nameFormat: 'subdomain',
    strategy: {},
    subresources: [],
    selectableFields: {},
    ...declaration,
    apiVersion: apiVersionOf(declaration),
    listKind: `${declaration.kind}List`,
    singular: declaration.kind.toLowerCase(),
  };
}

/** `v1` for the core group, `group/version` for the others. */
/** Whether objects of a resource are kept; reviews and the like are only answered. */
export const isStored = ({ verbs }: Pick<ResourceDefinition, 'verbs'>): boolean =>
  verbs.includes('get');

export const apiVersionOf = (gv: { readonly group: string; readonly version: string }): string =>
  gv.group === '' ? gv.version : `${gv.group}/${gv.version}`;

/** The path of a resource's collection, or of one object when `name` is given. Names are escaped. */
export function resourcePath(
  resource: ResourceRef,
  target: { namespace?: string | undefined; name?: string | undefined; subresource?: string } = {},
): string {
  const root =
    resource.group === ''
      ? `/api/${resource.version}`
      : `/apis/${resource.group}/${resource.version}`;
  const scope =
    resource.scope === 'Namespaced' && target.namespace !== undefined && target.namespace !== ''
      ? `/namespaces/${encodeURIComponent(target.namespace)}`
      : '';
  const name = target.name === undefined ? '' : `/${encodeURIComponent(target.name)}`;
  const subresource = target.subresource === undefined ? '' : `/${target.subresource}`;
  return `${root}${scope}/${resource.plural}${name}${subresource}`;
}
