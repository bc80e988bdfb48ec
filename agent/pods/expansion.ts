/** `$(NAME)` references in commands, arguments and environment values, as the API documents them. Pure. */

const reference = /\$\$|\$\(([^)]*)\)/g;

/** Replaces known references; `$$` stands for `$`, and unknown references stay as they are. */
export const expandReferences = (text: string, variables: ReadonlyMap<string, string>): string =>
  text.replace(reference, (match: string, name: string | undefined) => {
    if (match === '$$') return '$';
    return variables.get(name ?? '') ?? match;
  });
