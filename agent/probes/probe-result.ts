/** What one try of a probe has found. */
export interface ProbeResult {
  readonly success: boolean;
  /** What was wrong, or what was answered. */
  readonly message: string;
}

export const passed = (message = ''): ProbeResult => ({ success: true, message });
export const failed = (message: string): ProbeResult => ({ success: false, message });
