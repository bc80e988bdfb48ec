/** Admission of what subresources take: their own body, not the object it belongs to. */
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { admitAll } from '../../registry/hooks.js';
import type { WriteAttributes, WriteContext } from '../../registry/hooks.js';

/** Passes a body through both halves of admission, for subresources that validate nothing between them. */
export async function admit(
  { admission, dryRun }: WriteContext,
  attributes: Omit<WriteAttributes, 'dryRun'>,
): Promise<void> {
  const whole = { ...attributes, dryRun };
  await admission.mutate(whole);
  await admission.validate(whole);
}

/** For writes that follow from a body that has been admitted. */
export const alreadyAdmitted = (context: WriteContext): WriteContext => ({
  ...context,
  admission: admitAll,
});

/** Passes what is answered and never stored through admission, with what is checked of it in between. */
export async function admitReview(
  { admission, dryRun }: WriteContext,
  review: KubeObject,
  check: () => void,
): Promise<void> {
  const { namespace = '', name = '' } = review.metadata as Partial<KubeObject['metadata']>;
  const attributes = {
    operation: 'CREATE',
    subresource: '',
    namespace,
    name,
    object: review,
    dryRun,
  } as const;
  await admission.mutate(attributes);
  check();
  await admission.validate(attributes);
}
