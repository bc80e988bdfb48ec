/** Whether an error is the operating system's of this code, such as `ENOENT`. */
export const hasErrorCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** Whether an error says that a file or folder is not there. */
export const isMissing = (error: unknown): boolean => hasErrorCode(error, 'ENOENT');
