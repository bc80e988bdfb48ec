/**
 * A file that text is appended to and that is begun anew when it grows too large; what there was is kept beside it under a
 * name with the time. Writes go on in the background, in order.
 */
import { appendFile, mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock/clock.js';
import { isMissing } from './file-errors.js';

export interface RotatingFileOptions {
  readonly file: string;
  readonly maxSizeBytes: number;
  /** How many old files are kept; 0 for all. */
  readonly maxBackups: number;
  /** How long old files are kept; 0 for ever. */
  readonly maxAgeMs: number;
  /** More text than this waiting for the disk is refused. */
  readonly maxBacklogBytes: number;
  readonly clock: Clock;
  /** A write failed, and its text is lost. */
  readonly onError: (error: unknown) => void;
}

const timePattern = /^-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2}\.\d{3})$/;

export class RotatingFile {
  private readonly options: RotatingFileOptions;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> | undefined;
  /** Undefined until the file has been looked at. */
  private sizeBytes: number | undefined;

  constructor(options: RotatingFileOptions) {
    this.options = options;
  }

  /** Whether the text was taken. */
  append(text: string): boolean {
    const bytes = Buffer.from(text);
    if (this.waitingBytes + bytes.length > this.options.maxBacklogBytes) return false;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
    });
    return true;
  }

  /** Resolves once all that was taken has been written. */
  async flushed(): Promise<void> {
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    // What is appended meanwhile in the same turn goes along.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      try {
        await this.write(batch);
      } catch (error) {
        this.options.onError(error);
      }
      this.waitingBytes -= batch.length;
    }
  }

  /** As much of what waits as one file holds; a single text may be larger. */
  private nextBatch(): Buffer {
    let size = 0;
    let count = 0;
    for (const bytes of this.waiting) {
      if (count > 0 && size + bytes.length > this.options.maxSizeBytes) break;
      size += bytes.length;
      count += 1;
    }
    return Buffer.concat(this.waiting.splice(0, count));
  }

  private async write(bytes: Buffer): Promise<void> {
    const { file, maxSizeBytes } = this.options;
    this.sizeBytes ??= await this.opened();
    if (this.sizeBytes > 0 && this.sizeBytes + bytes.length > maxSizeBytes) await this.rotate();
    await appendFile(file, bytes, { mode: 0o600 });
    this.sizeBytes += bytes.length;
  }

  private async opened(): Promise<number> {
    const { file } = this.options;
    await mkdir(path.dirname(file), { recursive: true });
    try {
      return (await stat(file)).size;
    } catch (error) {
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  private async rotate(): Promise<void> {
    const { file, clock } = this.options;
    const { dir, name, ext } = path.parse(file);
    const time = new Date(clock.now()).toISOString().slice(0, 23).replaceAll(':', '-');
    await rename(file, path.join(dir, `${name}-${time}${ext}`));
    this.sizeBytes = 0;
    await this.removeOld();
  }

  private async removeOld(): Promise<void> {
    const { file, clock, maxBackups, maxAgeMs } = this.options;
    const { dir, name, ext } = path.parse(file);
    const backups = (await readdir(dir))
      .filter((other) => other.startsWith(name) && other.endsWith(ext))
      .flatMap((other) => {
        const time = other.slice(name.length, other.length - ext.length);
        const [, day, hour = '', minute = '', second = ''] = timePattern.exec(time) ?? [];
        return day === undefined
          ? []
          : { other, ms: Date.parse(`${day}T${hour}:${minute}:${second}Z`) };
      })
      .sort((a, b) => b.ms - a.ms);
    const old = backups.filter(
      ({ ms }, index) =>
        (maxBackups > 0 && index >= maxBackups) || (maxAgeMs > 0 && clock.now() - ms > maxAgeMs),
    );
    await Promise.all(old.map(({ other }) => unlink(path.join(dir, other))));
  }
}
