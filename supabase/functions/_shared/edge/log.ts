import { runNotes } from "../domain/run_notes.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
/** How much a line matters: `debug` is not printed unless it is asked for. */
type Level = typeof LEVELS[number];

let least: Level = "info";

/** Prints from now on what matters at least so much, by the name that LOG_LEVEL has; `info` by itself. */
export function setLogLevel(name: string | undefined): void {
  least = LEVELS.find((level) => level === name?.trim().toLowerCase()) ?? "info";
}

/** What a line says: as the log of a hosted function shows it, or as a person reads it at a terminal. */
type LogFormat = "json" | "text";

let format: LogFormat = "json";

/** Prints from now on so; by itself as JSON. */
export function setLogFormat(wanted: LogFormat): void {
  format = wanted;
}

/** A line for a terminal: when, whose, what; not what else is known of it. */
function asText(level: Level, message: string, at: string, name: string | undefined): string {
  const mark = level === "warn" ? "⚠️ " : level === "error" ? "❌ " : "";
  return `${at.slice(0, 19)}Z ${mark}${name === undefined ? "" : `${name}: `}${message}`;
}

/** Writes one line; of a request it says which, and which function's. */
export function log(level: Level, message: string, fields: Record<string, unknown> = {}): void {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
  const about = runNotes()?.about;
  const at = new Date().toISOString();
  const line = format === "json"
    ? JSON.stringify({ level, message, at, ...about, ...fields })
    : asText(level, message, at, about?.function);
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
