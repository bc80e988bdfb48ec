/**
 * Whether an applied configuration is of its type: unknown fields, values of the wrong type and doubled list elements, in the
 * words of Kubernetes' structured merge. Nulls are taken for any type.
 */
import { isJsonObject } from '../patch/json-value.js';
import { goSyntax, goText, goType } from './go-text.js';
import { maxAppliedDepth } from './limits.js';
import { ElementError, elementOf } from './list-elements.js';
import type { ListShape } from './list-elements.js';
import { shownPath, fieldElement } from './path-element.js';
import { memberShape, resolved } from './shape.js';
import type { KnownShape, LeafType, Shape } from './shape.js';

const printed = (value: unknown): string => `&{${goText(value)}}`;

function leafProblem(holds: LeafType, value: unknown): string | undefined {
  const isScalar = typeof value !== 'object';
  switch (holds) {
    case 'any':
      return undefined;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'numeric':
      return typeof value === 'number'
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${printed(value)}`;
    case 'untyped':
      return isScalar ? undefined : `expected any scalar, got ${printed(value)}`;
  }
}

class Checker {
  readonly errors: string[] = [];
  private readonly path: string[] = [];

  check(shape: Shape, value: unknown): void {
    if (value === null || value === undefined) return;
    if (this.path.length > maxAppliedDepth) {
      this.report('nested too deeply');
      return;
    }
    const known = resolved(shape, value);
    switch (known.type) {
      case 'leaf': {
        const problem = leafProblem(known.holds, value);
        if (problem !== undefined) this.report(problem);
        return;
      }
      case 'list':
        if (Array.isArray(value)) this.checkList(known, value);
        else this.report(`expected list, got ${printed(value)}`);
        return;
      case 'map':
      case 'struct':
        if (isJsonObject(value)) this.checkMembers(known, value);
        else this.report(`expected map, got ${printed(value)}`);
    }
  }

  private report(problem: string): void {
    const path = shownPath(this.path);
    this.errors.push(path === '' ? problem : `${path}: ${problem}`);
  }

  private within(element: string, shape: Shape, value: unknown): void {
    this.path.push(element);
    this.check(shape, value);
    this.path.pop();
  }

  private checkList(shape: ListShape, list: readonly unknown[]): void {
    const seen = new Set<string>();
    for (const [position, item] of list.entries()) {
      if (shape.atomic) {
        this.within(`i:${String(position)}`, shape.items, item);
        continue;
      }
      try {
        const element = elementOf(shape, item);
        if (seen.has(element)) {
          this.report(`duplicate entries for key ${shownPath([element])}`);
          continue;
        }
        seen.add(element);
        this.within(element, shape.items, item);
      } catch (error) {
        if (!(error instanceof ElementError)) throw error;
        this.report(`element ${String(position)}: ${error.message}`);
      }
    }
  }

  private checkMembers(
    shape: KnownShape & { type: 'struct' | 'map' },
    value: Readonly<Record<string, unknown>>,
  ): void {
    for (const name of Object.keys(value).sort()) {
      const inner = memberShape(shape, name);
      if (inner !== undefined) this.within(fieldElement(name), inner, value[name]);
      else {
        this.path.push(fieldElement(name));
        this.report('field not declared in schema');
        this.path.pop();
      }
    }
  }
}

/** What is wrong with an applied value, as one text; undefined where nothing is. */
export function appliedProblems(shape: Shape, value: unknown): string | undefined {
  const checker = new Checker();
  checker.check(shape, value);
  const { errors } = checker;
  if (errors.length === 0) return undefined;
  return errors.length === 1
    ? errors[0]
    : ['errors:', ...errors.map((text) => `  ${text}`)].join('\n');
}
