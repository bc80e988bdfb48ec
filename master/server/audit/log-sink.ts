/** Writes audit events to a file, or to the output, one JSON object a line. */
import type { RotatingFile } from '../../../machinery/files/rotating-file.js';
import type { AuditSink } from './auditor.js';

/** Where lines go; whether they were taken. */
export type AuditFile = Pick<RotatingFile, 'append' | 'flushed'>;

/** `lost` counts events that were not taken. */
export const logSink = (file: AuditFile, lost: (events: number) => void): AuditSink => ({
  write: (event) => {
    if (!file.append(`${JSON.stringify(event)}\n`)) lost(1);
  },
  close: () => file.flushed(),
});
