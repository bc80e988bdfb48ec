import { createHash } from 'node:crypto';

/** What stands for a token where it must not be kept. */
export const digestOf = (token: string): string =>
  createHash('sha256').update(token).digest('base64');
