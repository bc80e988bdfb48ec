/** An authorisation request as the spec of a SubjectAccessReview, for services that are asked and for conditions on it. Pure. */
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '../../api/authorization/v1/types.js';
import { parseFieldSelector } from '../../api/selectors/field.js';
import { parseLabelSelector, SelectorError } from '../../api/selectors/label.js';
import type { AuthorizationRequest } from './authorizer.js';

/** A selector that cannot be read narrows nothing: the request for it is refused later. */
function readOrNothing<T>(text: string | undefined, read: (text: string) => T[]): T[] {
  if (text === undefined || text === '') return [];
  try {
    return read(text);
  } catch (error) {
    if (error instanceof SelectorError) return [];
    throw error;
  }
}

function fieldSelectorOf(text: string | undefined): FieldSelectorAttributes | undefined {
  const requirements = readOrNothing(text, parseFieldSelector).map(
    ({ field: key, operator, value }) => {
      const asked = operator === '=' ? ('In' as const) : ('NotIn' as const);
      return { key, operator: asked, values: [value] };
    },
  );
  return requirements.length === 0 ? undefined : { requirements };
}

const labelOperators: Readonly<Record<string, 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'>> = {
  in: 'In',
  '=': 'In',
  '==': 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

function labelSelectorOf(text: string | undefined): LabelSelectorAttributes | undefined {
  const read = (from: string) => {
    const matcher = parseLabelSelector(from);
    return 'requirements' in matcher ? [...matcher.requirements] : [];
  };
  const requirements = readOrNothing(text, read).flatMap(({ key, operator, values }) => {
    const asked = labelOperators[operator];
    if (asked === undefined) return [];
    return [{ key, operator: asked, ...(values.length === 0 ? {} : { values: [...values] }) }];
  });
  return requirements.length === 0 ? undefined : { requirements };
}

function resourceAttributesOf(
  verb: string,
  resource: NonNullable<AuthorizationRequest['resource']>,
): ResourceAttributes {
  const { group, version, plural, subresource, namespace, name } = resource;
  const named = { namespace, verb, group, version, resource: plural, subresource, name };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== ''));
  const fieldSelector = fieldSelectorOf(resource.fieldSelector);
  const labelSelector = labelSelectorOf(resource.labelSelector);
  return {
    ...given,
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

/** What a request asks, with nothing in it that is empty. */
export function reviewSpecOf(request: AuthorizationRequest): SubjectAccessReviewSpec {
  const { user, verb, resource, path = '' } = request;
  const { username, groups, uid = '', extra } = user;
  return {
    ...(resource === undefined
      ? { nonResourceAttributes: { path, verb } }
      : { resourceAttributes: resourceAttributesOf(verb, resource) }),
    ...(username === '' ? {} : { user: username }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(extra === undefined
      ? {}
      : {
          extra: Object.fromEntries(
            Object.entries(extra).map(([key, values]) => [key, [...values]]),
          ),
        }),
    ...(uid === '' ? {} : { uid }),
  };
}
