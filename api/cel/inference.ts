/** Which functions a call can mean, and what type parameters stand for while an expression is checked. */
import type { Overload } from './overload.js';
import { Bindings, dynType, isAssignable, mapType, substitute, typeText } from './types.js';
import type { CelType } from './types.js';

/** The functions that take the arguments of a call, and what the call gives. */
export interface Match {
  readonly overloads: readonly Overload[];
  readonly result: CelType;
}

const sameText = (left: CelType, right: CelType): boolean => typeText(left) === typeText(right);

/** What one expression has told of its type parameters so far. */
export class Inference {
  private readonly bindings = new Bindings();
  private fresh = 0;

  /** A parameter that nothing is known of. */
  freshType(): CelType {
    this.fresh += 1;
    return { kind: 'parameter', name: `$${String(this.fresh)}` };
  }

  /** A type with what is known put in place of its parameters. */
  resolved(type: CelType): CelType {
    return substitute(type, this.bindings, false);
  }

  /** The same as text for people, where what is unknown is `dyn`. */
  shown(type: CelType): string {
    return typeText(substitute(type, this.bindings, true));
  }

  /** Whether a value of one type can stand where the other is wanted; notes what follows for their parameters. */
  fits(type: CelType, wanted: CelType): boolean {
    return isAssignable(type, wanted, this.bindings);
  }

  /** Whether each fits what is wanted in its place; nothing is noted where one does not. */
  fitTogether(types: readonly CelType[], wanted: readonly CelType[]): boolean {
    const trial = this.trial(types, wanted);
    if (trial !== undefined) this.bindings.keep(trial);
    return trial !== undefined;
  }

  /** The candidates that take such arguments; undefined where there are none. */
  match(candidates: readonly Overload[], args: readonly CelType[]): Match | undefined {
    const overloads: Overload[] = [];
    let result: CelType | undefined;
    let chosen: Bindings | undefined;
    for (const overload of candidates) {
      if (overload.parameters.length !== args.length) continue;
      const own = new Bindings();
      const parameters = overload.parameters.map((parameter) => this.instantiate(parameter, own));
      const trial = this.trial(args, parameters);
      if (trial === undefined) continue;
      overloads.push(overload);
      const type = substitute(this.instantiate(overload.result, own), trial, false);
      result = result === undefined || sameText(result, type) ? (result ?? type) : dynType;
      chosen ??= trial;
    }
    if (result === undefined || chosen === undefined) return undefined;
    if (overloads.length === 1) this.bindings.keep(chosen);
    return { overloads, result };
  }

  private trial(types: readonly CelType[], wanted: readonly CelType[]): Bindings | undefined {
    const trial = new Bindings(this.bindings);
    const fits = types.every((type, position) =>
      isAssignable(type, wanted[position] ?? dynType, trial),
    );
    return fits ? trial : undefined;
  }

  /** A declared type with parameters of its own for every use. */
  private instantiate(type: CelType, own: Bindings): CelType {
    switch (type.kind) {
      case 'parameter': {
        const known = own.get(type.name);
        if (known !== undefined) return known;
        const made = this.freshType();
        own.set(type.name, made);
        return made;
      }
      case 'list':
        return { ...type, element: this.instantiate(type.element, own) };
      case 'map':
        return mapType(this.instantiate(type.key, own), this.instantiate(type.value, own));
      case 'opaque':
        return {
          ...type,
          parameters: type.parameters.map((parameter) => this.instantiate(parameter, own)),
        };
      default:
        return type;
    }
  }
}
