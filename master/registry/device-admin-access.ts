/**
 * Administrators may have devices that others use, in namespaces marked for it with a label. Claims and their templates are
 * checked against their namespace.
 *
 * Called by the registry through its hooks. Looks at drafts and changes nothing.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { AllocationResult } from '../../api/resource/v1/types.js';
import { forbidden } from '../../api/validation/field-error.js';
import type { FieldError } from '../../api/validation/field-error.js';
import type { ResourceHooks } from './hooks.js';

const marker = 'resource.kubernetes.io/admin-access';

type LabelsOf = (namespace: string) => Readonly<Record<string, string>> | undefined;

/** A request as it is in v1 or, without `exactly`, in v1beta1. */
interface Wish {
  readonly exactly?: { readonly adminAccess?: boolean };
  readonly adminAccess?: boolean;
}

interface WishedDevices {
  readonly devices?: { readonly requests?: readonly Wish[] };
}

type Claim = KubeObject & {
  readonly spec?: WishedDevices;
  readonly status?: { readonly allocation?: AllocationResult };
};
type Template = KubeObject & { readonly spec?: { readonly spec?: WishedDevices } };

function checkNamespace(
  { metadata }: KubeObject,
  field: string,
  labelsOf: LabelsOf,
): readonly FieldError[] {
  if (labelsOf(metadata.namespace ?? '')?.[marker] === 'true') return [];
  const detail = `admin access to devices requires the \`${marker}: true\` label on the containing namespace`;
  return [forbidden(field, detail)];
}

/** Kubernetes calls the field by this path in templates, too, and leaves out `exactly`. */
function checkWishes(
  object: KubeObject,
  wishes: WishedDevices | undefined,
  labelsOf: LabelsOf,
): readonly FieldError[] {
  const requests = wishes?.devices?.requests ?? [];
  const at = requests.findIndex((wish) => (wish.exactly ?? wish).adminAccess === true);
  const field = `spec.devices.requests[${String(at)}].adminAccess`;
  return at < 0 ? [] : checkNamespace(object, field, labelsOf);
}

/** The first device of an allocation that is given for administration; -1 where none is. */
const adminResult = ({ status }: Claim): number =>
  (status?.allocation?.devices?.results ?? []).findIndex(({ adminAccess }) => adminAccess === true);

/** What is wished for never changes once it is stored, but the status may come to grant it. */
function checkClaim(claim: Claim, stored: Claim | undefined, labelsOf: LabelsOf) {
  if (stored === undefined) return checkWishes(claim, claim.spec, labelsOf);
  const at = adminResult(claim);
  if (at < 0 || adminResult(stored) >= 0) return [];
  const field = `status.allocation.devices.results[${String(at)}].adminAccess`;
  return checkNamespace(claim, field, labelsOf);
}

/** The checks of claims and of their templates; `labelsOf` gives the labels of a namespace. */
export const deviceAdminAccess = (
  labelsOf: LabelsOf,
): Readonly<Record<'claims' | 'templates', ResourceHooks>> => ({
  claims: {
    check: (draft, stored) => checkClaim(draft, stored, labelsOf),
  },
  templates: {
    check: (draft, stored) =>
      stored === undefined ? checkWishes(draft, (draft as Template).spec?.spec, labelsOf) : [],
  },
});
