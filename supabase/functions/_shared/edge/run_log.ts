import { hostOf } from "../domain/host.ts";
import { OUTCOME_CODES, wasRead } from "../domain/outcome.ts";
import type { FetchNote, RowNote, RunNotes } from "../domain/run_notes.ts";
import { shorten } from "../domain/text.ts";
import { cpuTimeMs } from "./cpu_time.ts";
import { log } from "./log.ts";

/** Failures that are named, a line each; the run's line counts all of them. */
const MOST_FAILURES = 100;
const LONGEST_ERROR = 500;
/** States of a row that is tried again. */
const WAITING = ["pending", "waiting", "due"];

/** How a request ended. */
interface RunEnd {
  status: number;
  /** The run's own id, where it has one in the database: that of `micro_scrape_runs`, of `pipeline_runs`. */
  runId?: string;
  /** Why it was refused. */
  error?: string;
  /** Under which the log has the error that ended it. */
  errorId?: string;
}

/** What one request to a function does: a line when it ends, and one for each failure. */
export class RunLog implements RunNotes {
  readonly about: { function: string; request_id: string };
  readonly #begun = Date.now();
  readonly #cpu = cpuTimeMs();
  readonly #outcomes = new Map<string, number>();
  readonly #failures: RowNote[] = [];
  #claimed = 0;
  #done = 0;
  #released = 0;
  #retries = 0;
  #requests = 0;
  #slowest: FetchNote | null = null;

  constructor(name: string) {
    this.about = { function: name, request_id: crypto.randomUUID() };
  }

  claimed(rows: number): void {
    this.#claimed += rows;
  }

  released(rows: number): void {
    this.#released += rows;
  }

  ended(row: RowNote): void {
    this.#done++;
    if (row.outcome === null) return;
    this.#outcomes.set(row.outcome, (this.#outcomes.get(row.outcome) ?? 0) + 1);
    if (wasRead(row.outcome) || row.outcome === "skipped") return;
    this.#failures.push(row);
    if (WAITING.includes(row.state ?? "")) this.#retries++;
  }

  fetched(attempt: FetchNote): void {
    this.#requests++;
    if (attempt.ms > (this.#slowest?.ms ?? -1)) this.#slowest = attempt;
    log("debug", `fetched ${attempt.url}: ${attempt.outcome}`, { ...attempt });
  }

  /** Writes what the request came to. Called once, when its work is over. */
  end({ status, runId = this.about.request_id, error, errorId }: RunEnd): void {
    const run_id = runId;
    for (const { url, outcome, ...row } of this.#failures.slice(0, MOST_FAILURES)) {
      const host = url === null ? null : hostOf(url);
      const what = `${outcome} at ${host ?? "no address"}`;
      const told = row.error === null ? null : shorten(row.error, LONGEST_ERROR);
      log("warn", told === null ? what : `${what}: ${told}`, {
        run_id,
        ...{ vehicle_id: row.vehicle_id, host, url, outcome, state: row.state },
      });
    }
    const cpu = cpuTimeMs();
    log(levelOf(status), this.#summary(status, error), {
      run_id,
      status,
      claimed: this.#claimed,
      done: this.#done,
      released: this.#released,
      outcomes: Object.fromEntries(this.#counts()),
      failures: this.#failures.length,
      retries: this.#retries,
      requests: this.#requests,
      slowest_host: this.#slowest?.host ?? null,
      slowest_ms: this.#slowest === null ? null : Math.round(this.#slowest.ms),
      ms: Date.now() - this.#begun,
      cpu_ms: cpu === null || this.#cpu === null ? null : Math.round(cpu - this.#cpu),
      ...(errorId === undefined ? {} : { error_id: errorId }),
    });
  }

  /** Rows by outcome, what was read first. */
  #counts(): [string, number][] {
    const place = (outcome: string) => {
      const at = OUTCOME_CODES.findIndex((code) => code === outcome);
      return at < 0 ? OUTCOME_CODES.length : at;
    };
    return [...this.#outcomes].sort(([one], [other]) => place(one) - place(other));
  }

  #summary(status: number, error = ""): string {
    if (status >= 500) return `broke (${status})`;
    if (status >= 400) return `refused (${status}): ${shorten(error, LONGEST_ERROR)}`;
    if (this.#claimed === 0) return "ran";
    const by = this.#counts().map(([outcome, rows]) => `${rows} ${outcome}`);
    return `ran: ${[`${this.#claimed} claimed`, ...by].join(", ")}`;
  }
}

function levelOf(status: number): "info" | "warn" | "error" {
  return status >= 500 ? "error" : status >= 400 ? "warn" : "info";
}
