/** What every check gives: findings, and a note for the table. */

export interface Finding {
  /** A warning is shown and does not fail the check. */
  severity: "error" | "warning";
  /** A path relative to the project, with a line where there is one. */
  where?: string;
  message: string;
}

export interface Outcome {
  findings: Finding[];
  /** What was looked at or measured, in a few words. */
  note?: string;
}

/** One named check. */
export interface Step {
  name: string;
  /** What holds when it passes. */
  description: string;
  run(context: CheckContext): Promise<Outcome> | Outcome;
}

/** What steps share: made when first asked for, undone at the end. */
export interface CheckContext {
  /** Whether generated files are written instead of compared. */
  write: boolean;
  /** The same value for every step that asks under this name. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>;
  /** Done at the end, last first, whatever happened. */
  later(undo: () => Promise<void> | void): void;
}

export function error(message: string, where?: string): Finding {
  return { severity: "error", message, where };
}

export function warning(message: string, where?: string): Finding {
  return { severity: "warning", message, where };
}
