/** What one try of a probe has found. */
export interface ProbeResult {
  readonly success: boolean;
  /** What was wrong, or what was answered. */
  readonly message: string;
  /** Set when the try says nothing about the container; it is then not counted. */
  readonly inconclusive?: boolean;
}

/** A try that passed. */
export const passed = (message = ''): ProbeResult => ({ success: true, message });
/** A try that failed, and why. */
export const failed = (message: string): ProbeResult => ({ success: false, message });
