/**
 * Conversion by webhook: objects are shown in one version and come back in another. What comes back is checked, because what
 * an object is, and who owns it, is not the webhook's to change.
 */
import type { JsonSchema } from '../../../api/apiextensions/schema/json-schema.js';
import { fillDefaults, dropBadNulls } from '../../../api/apiextensions/schema/fill-defaults.js';
import { isJsonObject } from '../../../api/apiextensions/schema/json-schema.js';
import { pruneObject } from '../../../api/apiextensions/schema/prune.js';
import type { CustomResourceDefinition } from '../../../api/apiextensions/v1/types.js';
import { internalError } from '../../../api/meta/status-error.js';
import type { StatusError } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { Random } from '../../../machinery/clock/random.js';
import { conversionTimeoutMs } from '../limits.js';

/** Where a conversion webhook is, as a definition says it. */
export type ConversionServer = NonNullable<
  NonNullable<
    NonNullable<CustomResourceDefinition['spec']['conversion']>['webhook']
  >['clientConfig']
>;

/** Shows a webhook a JSON text and gives its parsed answer; rejects with an error that says what went wrong. */
export type CallWebhook = (
  server: ConversionServer,
  body: string,
  options: { readonly timeoutMs: number },
) => Promise<unknown>;

export interface WebhookConversionOptions {
  readonly crd: CustomResourceDefinition;
  readonly call: CallWebhook;
  readonly random: Random;
  readonly schemaOf: (version: string) => JsonSchema;
}

/** Reviews in the first version that both sides know. */
const reviewVersion = (versions: readonly string[]): string =>
  versions.find((version) => version === 'v1' || version === 'v1beta1') ?? 'v1';

interface Answer {
  readonly uid?: unknown;
  readonly result?: unknown;
  readonly convertedObjects?: unknown;
}

export class WebhookConversion {
  private readonly options: WebhookConversionOptions;

  constructor(options: WebhookConversionOptions) {
    this.options = options;
  }

  /** Converts objects to a version of the resource; the order is kept. Rejects with a 500 Status. */
  async convert(objects: readonly KubeObject[], version: string): Promise<readonly KubeObject[]> {
    const { group } = this.options.crd.spec;
    const wanted = `${group}/${version}`;
    const others = objects.filter((object) => object.apiVersion !== wanted);
    if (others.length === 0) return objects;
    const converted = await this.ask(others, wanted);
    const byOriginal = new Map(others.map((object, position) => [object, converted[position]]));
    return objects.map((object) => {
      const made = byOriginal.get(object);
      return made === undefined ? object : this.finished(made, object, version);
    });
  }

  private failed(why: string): StatusError {
    const { group, names } = this.options.crd.spec;
    const version = this.options.crd.spec.versions.find(({ storage }) => storage)?.name ?? '';
    const message = `conversion webhook for ${group}/${version}, Kind=${names.kind} failed: ${why}`;
    return internalError(new Error(message));
  }

  private async ask(
    objects: readonly KubeObject[],
    wanted: string,
  ): Promise<readonly KubeObject[]> {
    const { crd, call, random } = this.options;
    const webhook = crd.spec.conversion?.webhook;
    const server = webhook?.clientConfig;
    if (webhook === undefined || server === undefined)
      throw this.failed('no webhook is configured');
    const uid = random.uuid();
    const review = {
      apiVersion: `apiextensions.k8s.io/${reviewVersion(webhook.conversionReviewVersions)}`,
      kind: 'ConversionReview',
      request: { uid, desiredAPIVersion: wanted, objects },
    };
    let answer: unknown;
    try {
      answer = await call(server, JSON.stringify(review), { timeoutMs: conversionTimeoutMs });
    } catch (error) {
      throw this.failed(error instanceof Error ? error.message : 'unreachable');
    }
    return this.checked(answer, { uid, objects, wanted });
  }

  private checked(
    answer: unknown,
    asked: {
      readonly uid: string;
      readonly objects: readonly KubeObject[];
      readonly wanted: string;
    },
  ): readonly KubeObject[] {
    const response: Answer =
      isJsonObject(answer) && isJsonObject(answer.response) ? answer.response : {};
    if (response.uid !== asked.uid) {
      throw this.failed(
        `expected response.uid=${JSON.stringify(asked.uid)}, got ${JSON.stringify(response.uid ?? '')}`,
      );
    }
    const result = isJsonObject(response.result) ? response.result : {};
    if (result.status !== 'Success') {
      const message = typeof result.message === 'string' ? result.message : '';
      throw this.failed(message === '' ? 'the webhook gave no reason' : message);
    }
    const converted: readonly unknown[] = Array.isArray(response.convertedObjects)
      ? response.convertedObjects
      : [];
    const count = asked.objects.length;
    if (converted.length !== count) {
      throw this.failed(
        `expected ${String(count)} converted objects, got ${String(converted.length)}`,
      );
    }
    return converted.map((object, position) => {
      if (isJsonObject(object) && object.apiVersion === asked.wanted) {
        return object as unknown as KubeObject;
      }
      const found = isJsonObject(object) ? JSON.stringify(object.apiVersion ?? '') : 'no object';
      throw this.failed(
        `invalid groupVersion in converted object at index ${String(position)}: expected ${asked.wanted}, got ${found}`,
      );
    });
  }

  /** What the webhook may not change is put back; what its version does not know is pruned, what it lacks defaulted. */
  private finished(made: KubeObject, original: KubeObject, version: string): KubeObject {
    const schema = this.options.schemaOf(version);
    const { metadata, ...content } = made;
    if (content.kind !== original.kind) {
      throw this.failed(
        `invalid kind in converted object: expected ${original.kind}, got ${content.kind}`,
      );
    }
    pruneObject(content, schema);
    dropBadNulls(content, schema);
    fillDefaults(content, schema);
    const { labels: _labels, annotations: _annotations, ...kept } = original.metadata;
    const given = (metadata as Partial<KubeObject['metadata']> | undefined) ?? {};
    return {
      ...content,
      metadata: {
        ...kept,
        ...(given.labels === undefined ? {} : { labels: given.labels }),
        ...(given.annotations === undefined ? {} : { annotations: given.annotations }),
      },
    };
  }
}
