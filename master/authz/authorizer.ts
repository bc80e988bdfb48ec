/**
 * What every authoriser answers to: whether a user may do what a request asks. The steps stand in a row; each may allow, and
 * what nobody allows is refused.
 *
 * Called by the server after authentication, and by access reviews. Those of our own decide at once, from memory: they stand
 * before every request. One that asks a service elsewhere takes its time.
 */
import type { Requester } from '../../api/schema/resource.js';
import { mastersGroup } from '../../api/user-names.js';

/** A request for a resource, in the words of RBAC. */
export interface ResourceAttributes {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource: string;
  /** Empty for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  /** Empty where no single object is meant. */
  readonly name: string;
  /** The selectors of a list, watch or deletion of many, as the request has them; undefined where there is none. */
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface AuthorizationRequest {
  readonly user: Requester;
  readonly verb: string;
  /** Set for requests that concern a resource. */
  readonly resource?: ResourceAttributes | undefined;
  /** Set for requests that do not. */
  readonly path?: string | undefined;
}

export interface Decision {
  readonly allowed: boolean;
  /** Refused for good: nobody is asked after this. */
  readonly denied?: true;
  /** Why, where there is something to say: for answers to access reviews, and appended to refusals. */
  readonly reason: string;
  /** Why it could not be decided, where that is so. */
  readonly error?: string;
}

/** Decides at once. */
export type Authorizer = (request: AuthorizationRequest) => Decision;

/** Decides at once, or takes its time. */
export type Authorization = (request: AuthorizationRequest) => Decision | Promise<Decision>;

const allowedAll: Decision = { allowed: true, reason: '' };

/** What those asked so far said, all of whom left it to the others. */
interface Course {
  readonly position: number;
  readonly reason: string;
  readonly error: string;
}

const joined = (left: string, right: string | undefined, between: string): string =>
  left === '' ? (right ?? '') : right === undefined || right === '' ? left : left + between + right;

function heard(course: Course, { reason, error }: Decision): Course {
  return {
    position: course.position + 1,
    reason: joined(course.reason, reason, '\n'),
    error: joined(course.error, error, ', '),
  };
}

const isFinal = ({ allowed, denied }: Decision): boolean => allowed || denied === true;

/** A refusal carries everything that was said before it. */
function concluded(course: Course, decision: Decision): Decision {
  if (decision.allowed || course.position === 0) return decision;
  const { reason, error } = heard(course, decision);
  return { ...decision, reason, ...(error === '' ? {} : { error }) };
}

/** Asks from a position on; the answer is there at once as long as theirs are. */
function ask(
  authorizers: readonly Authorization[],
  request: AuthorizationRequest,
  from: Course,
): Decision | Promise<Decision> {
  let course = from;
  for (;;) {
    const decision = authorizers[course.position]?.(request);
    if (decision === undefined) break;
    if (decision instanceof Promise) {
      const before = course;
      return decision.then((late) =>
        isFinal(late) ? concluded(before, late) : ask(authorizers, request, heard(before, late)),
      );
    }
    if (isFinal(decision)) return concluded(course, decision);
    course = heard(course, decision);
  }
  const { reason, error } = course;
  return { allowed: false, reason, ...(error === '' ? {} : { error }) };
}

const start: Course = { position: 0, reason: '', error: '' };

/** Lets the privileged group pass and asks the others in turn; refusals carry what each had to say. */
export const authorizersInTurn =
  (authorizers: readonly Authorization[]): Authorization =>
  (request) =>
    request.user.groups.includes(mastersGroup) ? allowedAll : ask(authorizers, request, start);
