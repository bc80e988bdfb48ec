/** Conversion by webhook: objects are shown in one version and come back in another, and what comes back is checked. */
import type { JsonSchema } from '../../../api/apiextensions/schema/json-schema.js';
import { fillDefaults, dropBadNulls } from '../../../api/apiextensions/schema/fill-defaults.js';
import { pruneObject } from '../../../api/apiextensions/schema/prune.js';
import type { CustomResourceDefinition } from '../../../api/apiextensions/v1/types.js';
import { failure } from '../../../api/meta/status-error.js';
import type { StatusError } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { Random } from '../../../machinery/clock/random.js';
import { errorText } from '../../../machinery/error-text.js';
import { conversionTimeoutMs } from '../limits.js';
import { ConversionProblem, acceptedObject, convertedObjects } from './conversion-answer.js';

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
      return made === undefined ? object : this.finished(made, version);
    });
  }

  private failed({ apiVersion, kind }: KubeObject, problem: string): StatusError {
    return failure({
      code: 500,
      reason: '',
      message: `conversion webhook for ${apiVersion}, Kind=${kind} ${problem}`,
    });
  }

  private async ask(
    objects: readonly KubeObject[],
    wanted: string,
  ): Promise<readonly KubeObject[]> {
    const [first] = objects;
    if (first === undefined) return [];
    try {
      return await this.converted(objects, wanted);
    } catch (error) {
      if (error instanceof ConversionProblem) throw this.failed(first, error.message);
      throw this.failed(first, `failed: ${errorText(error)}`);
    }
  }

  private async converted(
    objects: readonly KubeObject[],
    wanted: string,
  ): Promise<readonly KubeObject[]> {
    const { crd, call, random } = this.options;
    const webhook = crd.spec.conversion?.webhook;
    const server = webhook?.clientConfig;
    if (webhook === undefined || server === undefined) {
      throw new ConversionProblem('failed: no webhook is configured');
    }
    const uid = random.uuid();
    const version = reviewVersion(webhook.conversionReviewVersions);
    const review = {
      apiVersion: `apiextensions.k8s.io/${version}`,
      kind: 'ConversionReview',
      request: { uid, desiredAPIVersion: wanted, objects },
    };
    const answer = await call(server, JSON.stringify(review), { timeoutMs: conversionTimeoutMs });
    const asked = { uid, reviewVersion: version, objects, wanted };
    const made = convertedObjects(answer, asked);
    return objects.map((object, position) => acceptedObject(made[position], object, wanted));
  }

  /** What the version does not know is pruned, what the object lacks filled in. */
  private finished({ metadata, ...content }: KubeObject, version: string): KubeObject {
    const schema = this.options.schemaOf(version);
    pruneObject(content, schema);
    dropBadNulls(content, schema);
    fillDefaults(content, schema);
    return { ...content, metadata };
  }
}
