import { AsyncLocalStorage } from "node:async_hooks";

/** One attempt at a URL, as it ended. */
export interface FetchNote {
  /** Null when the URL is never asked for. */
  host: string | null;
  url: string;
  outcome: string;
  status: number | null;
  ms: number;
}

/** One row that was worked on, as it ended. */
export interface RowNote {
  vehicle_id: string | null;
  /** What was read for it, or was to be. */
  url: string | null;
  /** Null where a row is no attempt on a listing. */
  outcome: string | null;
  error: string | null;
  /** What the row is now, in the words of its table; null when nothing was written of it. */
  state: string | null;
}

/** Takes note of what a request to a function does, for its log. */
export interface RunNotes {
  /** What every line of the request's log says. */
  readonly about: Readonly<Record<string, string>>;
  claimed(rows: number): void;
  released(rows: number): void;
  ended(row: RowNote): void;
  fetched(attempt: FetchNote): void;
}

const current = new AsyncLocalStorage<RunNotes>();

/** The notes of the request that this code works for; none in a test that works for no request. */
export function runNotes(): RunNotes | undefined {
  return current.getStore();
}

/** Does work, all of which finds these notes. */
export function withRunNotes<T>(notes: RunNotes, work: () => T): T {
  return current.run(notes, work);
}
