/** Writes one line of JSON, as the log of a hosted function shows it. */
export function log(
  level: "info" | "warn" | "error",
  message: string,
  fields: Record<string, unknown> = {},
): void {
  const line = JSON.stringify({ level, message, at: new Date().toISOString(), ...fields });
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}

/** An error as one line for a person: its message, and those of its causes. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${explain(error.cause)}`;
  return `${error.message}${cause}`;
}

/** Warns of something that went wrong and does not end the run. */
export function warn(what: string, error: unknown): void {
  log("warn", `${what}: ${explain(error)}`);
}
