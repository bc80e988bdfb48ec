/** The keys that Secrets are encrypted with, in one file only its owner can read. */
import { constants } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Random } from '../../machinery/clock/random.js';
import { isMissing } from '../../machinery/files/file-errors.js';

export interface KeyRing {
  /** What new values are encrypted with. */
  readonly current: { readonly id: string; readonly secret: Buffer };
  readonly find: (id: string) => Buffer | undefined;
}

/** The file with the keys cannot be used; the message says what to do. */
export class KeyRingError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyRingError';
  }
}

const secretBytes = 32;
const idBytes = 4;

const fileSchema = z.object({
  keys: z
    .array(
      z.object({
        id: z.string().regex(/^[a-z0-9-]{1,63}$/),
        secret: z
          .string()
          .refine((text) => Buffer.from(text, 'base64').length === secretBytes, 'not 32 bytes'),
      }),
    )
    .min(1),
});

/** Reads the key file, or makes one with a new key where `mayCreate` says that nothing is encrypted yet. */
export async function openKeyRing(options: {
  readonly file: string;
  readonly mayCreate: boolean;
  readonly random: Random;
}): Promise<KeyRing> {
  const { file, mayCreate, random } = options;
  try {
    return keyRingFrom(await readKeys(file));
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (!mayCreate)
      throw new KeyRingError(
        `${file} is missing: without it no Secret can be read. Restore it from a backup`,
        { cause: error },
      );
  }
  const id = random.bytes(idBytes).toString('hex');
  const secret = random.bytes(secretBytes);
  const keys = [{ id, secret: secret.toString('base64') }];
  await writeDurably(file, `${JSON.stringify({ keys }, undefined, 2)}\n`);
  return keyRingFrom({ keys });
}

async function readKeys(file: string): Promise<z.infer<typeof fileSchema>> {
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0)
    throw new KeyRingError(`others than its owner can read ${file}. Run: chmod 600 ${file}`);
  const text = await readFile(file, 'utf8');
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    // What the parser says could quote a key, so it is not passed on.
    throw new KeyRingError(`${file} is not a key file. Restore it from a backup`);
  }
}

/** The first Secret must not be durable before the key that opens it is. */
async function writeDurably(file: string, text: string): Promise<void> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  const handle = await open(file, O_CREAT | O_EXCL | O_WRONLY, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const directory = await open(path.dirname(file));
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function keyRingFrom({ keys }: z.infer<typeof fileSchema>): KeyRing {
  const secrets = new Map(keys.map(({ id, secret }) => [id, Buffer.from(secret, 'base64')]));
  const [current] = secrets;
  if (current === undefined) throw new KeyRingError('there is no key');
  return {
    current: { id: current[0], secret: current[1] },
    find: (id) => secrets.get(id),
  };
}
