/**
 * What the trips of one request through the mutating webhooks, or policies, have to remember of each other: who is to be asked
 * again because others changed the object afterwards.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { MutationPass } from './admission.js';

/** One kind of hook's memory of one request. */
export class Trips {
  /** Asked already, and willing to be asked again. */
  private readonly willing = new Set<string>();
  /** To be asked again. */
  private again = new Set<string>();
  /** The object when the hooks were last done with it. */
  private left: string | undefined;

  /** A trip begins with the object as it is now. */
  begin(pass: MutationPass, object: KubeObject | undefined): void {
    if (pass.isReinvocation && JSON.stringify(object) !== this.left) this.askAgain();
  }

  isDue(pass: MutationPass, hook: string): boolean {
    return !pass.isReinvocation || this.again.has(hook);
  }

  /** A hook was asked. Whether it changed the object decides about those before it; `isWilling`, whether they may do so about it. */
  asked(
    pass: MutationPass,
    hook: string,
    { changed, isWilling }: { readonly changed: boolean; readonly isWilling: boolean },
  ): void {
    if (changed) {
      this.askAgain();
      pass.again = true;
    }
    if (isWilling) this.willing.add(hook);
  }

  end(object: KubeObject | undefined): void {
    this.left = JSON.stringify(object);
  }

  private askAgain(): void {
    this.again = new Set(this.willing);
  }
}

/** The memories of the requests under way. */
export class TripsOfRequests {
  private readonly known = new WeakMap<MutationPass, Trips>();

  of(pass: MutationPass): Trips {
    let trips = this.known.get(pass);
    if (trips === undefined) {
      trips = new Trips();
      this.known.set(pass, trips);
    }
    return trips;
  }
}
