/**
 * Who a token's claims say somebody is, by the rules of a structured authentication configuration: claims taken as they are, or
 * CEL expressions over `claims`, and, of the user that comes out, over `user`.
 */
import type { JWTPayload } from 'jose';
import { CelBudgetError, CostMeter } from '../../../api/cel/cost.js';
import { createEnvironment } from '../../../api/cel/environment.js';
import type { Environment } from '../../../api/cel/environment.js';
import { jsonFromValue } from '../../../api/cel/json-values.js';
import { compileExpression, isCelError } from '../../../api/cel/program.js';
import type { Program } from '../../../api/cel/program.js';
import {
  boolType,
  dynType,
  listType,
  mapType,
  objectType,
  stringType,
} from '../../../api/cel/types.js';
import type { CelType } from '../../../api/cel/types.js';
import { claimRulesCostBudget } from '../limits.js';
import type { Requester } from '../../../api/schema/resource.js';
import { TokenRefusedError, credentialIdKey } from '../authenticator.js';

/** One value from the claims: a claim with something put before it, or what an expression gives. */
export type ClaimSource =
  { readonly claim: string; readonly prefix: string } | { readonly expression: string };

export interface ClaimRules {
  readonly username: ClaimSource;
  readonly groups?: ClaimSource | undefined;
  readonly uid?: ClaimSource | undefined;
  readonly extra: readonly { readonly key: string; readonly valueExpression: string }[];
  readonly claimValidation: readonly (
    | { readonly claim: string; readonly requiredValue: string }
    | { readonly expression: string; readonly message: string }
  )[];
  readonly userValidation: readonly { readonly expression: string; readonly message: string }[];
}

const claimsEnvironment = createEnvironment({
  variables: { claims: mapType(stringType, dynType) },
});
const userEnvironment = createEnvironment({
  variables: {
    user: objectType('kubernetes.UserInfo', {
      username: stringType,
      uid: stringType,
      groups: listType(stringType),
      extra: mapType(stringType, listType(stringType)),
    }),
  },
});

const textOrTexts: readonly CelType[] = [stringType, listType(stringType)];

const refuse = (why: string, cause?: unknown): TokenRefusedError =>
  new TokenRefusedError(`oidc: ${why}`, { cause });

/** Evaluates for one thing that a message names. Throws TokenRefusedError where CEL fails. */
function evaluated(
  program: Program,
  bindings: Readonly<Record<string, unknown>>,
  context: { readonly what: string; readonly meter: CostMeter },
): unknown {
  try {
    return jsonFromValue(program.evaluate(bindings, context.meter));
  } catch (error) {
    if (!isCelError(error) && !(error instanceof CelBudgetError)) throw error;
    throw refuse(`error evaluating ${context.what}: ${error.message}`, error);
  }
}

/** Something read from the claims; undefined where they do not say. */
type Reader = (payload: JWTPayload, meter: CostMeter) => unknown;

function readerOf(source: ClaimSource, what: string, types: readonly CelType[]): Reader {
  if ('claim' in source) {
    const { claim, prefix } = source;
    return (payload) => {
      const value = payload[claim];
      if (typeof value === 'string') return prefix + value;
      if (!Array.isArray(value)) return value;
      return value.map((one: unknown) => (typeof one === 'string' ? prefix + one : one));
    };
  }
  const program = compileExpression(source.expression, claimsEnvironment, { resultTypes: types });
  return (payload, meter) => {
    const context = { what: `claim mapping expression for ${what}`, meter };
    return evaluated(program, { claims: payload }, context);
  };
}

function textFrom(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw refuse(`no ${what} in the claims`);
  return value;
}

/** A text, several, or none. */
function textsFrom(value: unknown, what: string): readonly string[] {
  const values: readonly unknown[] =
    value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  if (!values.every((one) => typeof one === 'string')) throw refuse(`${what}: it holds no names`);
  return values.filter((one) => one !== '');
}

type Check = (meter: CostMeter, payload: JWTPayload) => void;

function ruleCheck(
  { expression, message }: { readonly expression: string; readonly message: string },
  environment: Environment,
): (bindings: Readonly<Record<string, unknown>>, meter: CostMeter) => void {
  const program = compileExpression(expression, environment, { resultTypes: [boolType] });
  return (bindings, meter) => {
    const what = `validation expression: ${expression}`;
    if (evaluated(program, bindings, { what, meter }) === true) return;
    throw refuse(`validation expression '${expression}' failed: ${message}`);
  };
}

function claimCheck(rule: ClaimRules['claimValidation'][number]): Check {
  if ('expression' in rule) {
    const check = ruleCheck(rule, claimsEnvironment);
    return (meter, payload) => {
      check({ claims: payload }, meter);
    };
  }
  const { claim, requiredValue } = rule;
  return (_meter, payload) => {
    const said = payload[claim];
    if (said === undefined) throw refuse(`required claim ${claim} not present in ID token`);
    if (said !== requiredValue) throw refuse(`required claim ${claim} value does not match`);
  };
}

/** An address is a name only once its provider has verified it. */
function checkVerified(source: ClaimSource, payload: JWTPayload): void {
  if (!('claim' in source) || source.claim !== 'email') return;
  const { email_verified: verified } = payload;
  if (verified !== undefined && verified !== true) throw refuse('email not verified');
}

/**
 * Gives the user of verified claims; throws TokenRefusedError where a rule is against it. Compiling throws CelCompileError where an
 * expression is wrong.
 */
export function userFromClaims(rules: ClaimRules): (payload: JWTPayload) => Requester {
  const claimChecks = rules.claimValidation.map(claimCheck);
  const userChecks = rules.userValidation.map((rule) => ruleCheck(rule, userEnvironment));
  const username = readerOf(rules.username, 'username', [stringType]);
  const groups = rules.groups && readerOf(rules.groups, 'groups', textOrTexts);
  const uid = rules.uid && readerOf(rules.uid, 'uid', [stringType]);
  const extra = rules.extra.map(({ key, valueExpression: expression }) => ({
    key,
    read: readerOf({ expression }, `extra ${key}`, textOrTexts),
  }));
  return (payload) => {
    const meter = new CostMeter(claimRulesCostBudget);
    for (const check of claimChecks) check(meter, payload);
    checkVerified(rules.username, payload);
    const facts = extra
      .map(({ key, read }) => [key, textsFrom(read(payload, meter), `extra ${key}`)] as const)
      .filter(([, values]) => values.length > 0);
    const { jti } = payload;
    const id = jti === undefined || jti === '' ? [] : [[credentialIdKey, [`JTI=${jti}`]] as const];
    const user = {
      username: textFrom(username(payload, meter), 'username'),
      groups: groups === undefined ? [] : textsFrom(groups(payload, meter), 'groups'),
      uid: uid === undefined ? '' : textFrom(uid(payload, meter), 'uid'),
      extra: Object.fromEntries([...facts, ...id]),
    };
    for (const check of userChecks) check({ user }, meter);
    const { uid: ownUid, extra: told, ...named } = user;
    return {
      ...named,
      ...(ownUid === '' ? {} : { uid: ownUid }),
      ...(Object.keys(told).length === 0 ? {} : { extra: told }),
    };
  };
}
