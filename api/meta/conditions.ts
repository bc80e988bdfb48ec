/** An object whose status may have conditions. */
interface WithConditions {
  readonly status?:
    | {
        readonly conditions?:
          readonly { readonly type: string; readonly status: string }[] | undefined;
      }
    | undefined;
}

/** Whether the object has the condition, and it is `True`. */
export const hasCondition = ({ status }: WithConditions, wanted: string): boolean =>
  status?.conditions?.some(
    (condition) => condition.type === wanted && condition.status === 'True',
  ) === true;
