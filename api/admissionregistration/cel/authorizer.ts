/** The `authorizer` variable of admission expressions: asks whether a user may do something. Pure but for the question itself. */
import { fn, method } from '../../cel/overload.js';
import type { Overload } from '../../cel/overload.js';
import { objectType, opaqueType } from '../../cel/types.js';
import { CelMap, Opaque } from '../../cel/values.js';
import type { Value } from '../../cel/values.js';

export interface AskedResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Only what they select is asked about; one that cannot be read narrows nothing. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** What is asked, in the words of authorisation. */
export interface AccessQuestion {
  readonly verb: string;
  readonly path?: string;
  readonly resource?: AskedResource;
  /** Asked about this service account in place of the requester. */
  readonly account?: { readonly namespace: string; readonly name: string };
}

type Topic = Omit<AccessQuestion, 'verb'>;

interface Answer {
  readonly allowed: boolean;
  readonly reason: string;
  /** Why it could not be decided, where that is so. */
  readonly error?: string;
}

export type AskAccess = (question: AccessQuestion) => Answer;

const prefix = 'kubernetes.authorization.';
const authorizerName = `${prefix}Authorizer`;
/** What one check costs, as in Kubernetes. */
const checkCost = (): number => 350_000;

abstract class Part extends Opaque {
  readonly ask: AskAccess;
  readonly topic: Topic;

  constructor(ask: AskAccess, topic: Topic) {
    super();
    this.ask = ask;
    this.topic = topic;
  }
  override equals(other: Opaque): boolean {
    return other === this;
  }
}

class PathCheck extends Part {
  readonly typeName = `${prefix}PathCheck`;
}

class GroupCheck extends Part {
  readonly typeName = `${prefix}GroupCheck`;
}

class ResourceCheck extends Part {
  readonly typeName = `${prefix}ResourceCheck`;

  with(change: Partial<AskedResource>): ResourceCheck {
    const { resource } = this.topic;
    return resource === undefined
      ? this
      : new ResourceCheck(this.ask, { ...this.topic, resource: { ...resource, ...change } });
  }
}

class AccessDecision extends Opaque {
  readonly typeName = `${prefix}Decision`;
  readonly answer: Answer;

  constructor(answer: Answer) {
    super();
    this.answer = answer;
  }
  override equals(other: Opaque): boolean {
    return other === this;
  }
}

/** The value of `authorizer`: an object, because `authorizer.requestResource` reads like a field of it. */
export class AuthorizerValue extends CelMap {
  override readonly typeName = authorizerName;
  readonly size = 1;
  readonly ask: AskAccess;
  /** Whom it asks about, where that is not the requester. */
  readonly about: Topic;
  private readonly requestResource: ResourceCheck | undefined;

  constructor(ask: AskAccess, { resource, ...about }: Topic = {}) {
    super();
    this.ask = ask;
    this.about = about;
    this.requestResource =
      resource === undefined ? undefined : new ResourceCheck(ask, { ...about, resource });
  }
  get(key: Value): Value | undefined {
    return key === 'requestResource' ? this.requestResource : undefined;
  }
  keys(): Iterable<Value> {
    return ['requestResource'];
  }
}

/** The type of `authorizer`. */
export const authorizerType = objectType(authorizerName, {
  requestResource: opaqueType(`${prefix}ResourceCheck`),
});

const inGroup = (group: string, plural: string): AskedResource => ({
  group,
  version: '*',
  plural,
  subresource: '',
  namespace: '',
  name: '',
});

const on = (
  receiver: string,
  signature: string,
  run: (...args: never[]) => Value,
  cost?: () => number,
): Overload => method(prefix + receiver, signature, run, cost);

function ofAuthorizer(signature: string, run: (...args: never[]) => Value): Overload {
  const overload = method('dyn', signature, run);
  return { ...overload, parameters: [authorizerType, ...overload.parameters.slice(1)] };
}

const check = (of: Part, verb: string): AccessDecision =>
  new AccessDecision(of.ask({ verb, ...of.topic }));

const resourceCheck = `${prefix}ResourceCheck`;

/** The functions of `authorizer` and of what they give. */
export const authorizerLibrary: readonly Overload[] = [
  ofAuthorizer(
    `path(string): ${prefix}PathCheck`,
    (of: AuthorizerValue, path: string) => new PathCheck(of.ask, { ...of.about, path }),
  ),
  ofAuthorizer(
    `group(string): ${prefix}GroupCheck`,
    (of: AuthorizerValue, group: string) =>
      new GroupCheck(of.ask, { ...of.about, resource: inGroup(group, '') }),
  ),
  {
    ...ofAuthorizer(
      'serviceAccount(string, string): dyn',
      (of: AuthorizerValue, namespace: string, name: string) =>
        new AuthorizerValue(of.ask, { account: { namespace, name } }),
    ),
    result: authorizerType,
  },
  on('GroupCheck', `resource(string): ${resourceCheck}`, (of: GroupCheck, plural: string) => {
    const resource = inGroup(of.topic.resource?.group ?? '', plural);
    return new ResourceCheck(of.ask, { ...of.topic, resource });
  }),
  on('ResourceCheck', `subresource(string): ${resourceCheck}`, (of: ResourceCheck, name: string) =>
    of.with({ subresource: name }),
  ),
  on('ResourceCheck', `namespace(string): ${resourceCheck}`, (of: ResourceCheck, name: string) =>
    of.with({ namespace: name }),
  ),
  on('ResourceCheck', `name(string): ${resourceCheck}`, (of: ResourceCheck, name: string) =>
    of.with({ name }),
  ),
  on(
    'ResourceCheck',
    `fieldSelector(string): ${resourceCheck}`,
    (of: ResourceCheck, fieldSelector: string) => of.with({ fieldSelector }),
  ),
  on(
    'ResourceCheck',
    `labelSelector(string): ${resourceCheck}`,
    (of: ResourceCheck, labelSelector: string) => of.with({ labelSelector }),
  ),
  on('ResourceCheck', `check(string): ${prefix}Decision`, check, checkCost),
  on('PathCheck', `check(string): ${prefix}Decision`, check, checkCost),
  on('Decision', 'allowed(): bool', ({ answer }: AccessDecision) => answer.allowed),
  on('Decision', 'reason(): string', ({ answer }: AccessDecision) => answer.reason),
  on('Decision', 'errored(): bool', ({ answer }: AccessDecision) => answer.error !== undefined),
  on('Decision', 'error(): string', ({ answer }: AccessDecision) => answer.error ?? ''),
];

/** `jsonpatch.escapeKey`, for paths of JSON patches. */
export const jsonPatchLibrary: readonly Overload[] = [
  fn('jsonpatch.escapeKey(string): string', (key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  ),
];
