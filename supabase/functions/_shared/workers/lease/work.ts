import type { DatabaseClient } from "../../database/client.ts";
import { DatabaseError } from "../../database/error.ts";
import type { HandedBack, HeldTable, Leased } from "../../database/lease.ts";
import { type RowNote, runNotes } from "../../domain/run_notes.ts";
import { isStopping, runStop } from "../../domain/run_stop.ts";
import { Coalesced } from "../../fetching/coalesce.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { FairLimit } from "./fair_limit.ts";
import { keepLeases } from "./heartbeat.ts";
import { rowNote } from "./row_note.ts";

/** Rows worked on at once: 8 pages of 8 MB stay well under the memory of a hosted function. */
const AT_ONCE = 8;
/** How many things are written in one round trip at most. */
const FULL_BATCH = 20;
/** How long what was read waits for others to be written with it, milliseconds: it is soon safe. */
const LONGEST_WAIT_MS = 3_000;
/** How long a row that was not begun waits for others to be handed back with it, milliseconds. */
const LONGEST_HOLD_MS = 1_000;

/** What was made of a row, and what is to be written of it. Jobs may say more in it. */
export interface Attempt<Item> {
  kind: "done";
  item: Item;
}

/** Says that something went wrong that does not end the run. */
export type Warn = (what: string, error: unknown) => void;

/** What holds rows while they are worked on. */
interface Lease<Row> {
  /** Extends the leases of these tokens. */
  heartbeat(tokens: string[]): Promise<unknown>;
  /** Hands back rows that were not begun; without it their leases run out. */
  release?(rows: readonly HandedBack<Row>[]): Promise<unknown>;
}

/** What is done to each row. */
export interface Job<Row extends object, One extends Attempt<unknown>, Result> {
  /** Rows worked on at once; by itself 8. */
  atOnce?: number;
  /** The host that a row asks, so that those of a slow one do not keep others waiting. */
  host?(row: Row): string;
  /** Epoch milliseconds after which no row is begun. */
  deadline?: number;
  /** Does what the row asks for. */
  work(row: Row): Promise<One | NotStarted>;
  /**
   * An attempt that broke, as it is written: counted, so that no row breaks every run for ever.
   * Without it what `work` throws ends the run, as a database that is away always does.
   */
  failure?(row: Row, message: string): One;
  /** Writes up to 20 items in one round trip, one result an item; it settles rows that are leased. */
  write(items: One["item"][]): Promise<Result[]>;
  /** Of rows with a `lease_token`; others are nobody's. */
  lease?: Lease<Row>;
  /** What the log says of a row that was worked on; by itself what row and result say in the usual words. */
  note?(row: Row, one: One, result: Result): RowNote;
  warn?: Warn;
}

/** One row that was worked on: what was made of it, and what writing that answered. */
interface Finished<Row, One, Result> {
  row: Row;
  one: One;
  result: Result;
}

/** One row that was not begun, and why. */
export interface Released<Row> {
  row: Row;
  why: NotStarted;
}

/** What became of rows, each in the order of the rows. */
interface Ended<Row, One, Result> {
  finished: Finished<Row, One, Result>[];
  released: Released<Row>[];
}

interface Outcome<Row, One, Result> extends Ended<Row, One, Result> {
  /** What ended the run early, a `DatabaseError` as a rule; the leases it leaves run out by themselves. */
  broken: { error: unknown } | null;
}

/** A row that was not begun because the time was up; due again at once. */
export function outOfTime(): NotStarted {
  return {
    kind: "not_started",
    reason: "deadline",
    message: "the time of this run was up",
    retryAt: new Date().toISOString(),
  };
}

function tokenOf(row: object): string | null {
  return "lease_token" in row && typeof row.lease_token === "string" ? row.lease_token : null;
}

function asHandedBack<Row>({ row, why }: Released<Row>): HandedBack<Row> {
  const { reason, message, retryAt } = why;
  // What only ran out of time is due at once.
  return { row, message, retryAt: reason === "deadline" ? null : retryAt };
}

async function attempt<Row extends object, One extends Attempt<unknown>, Result>(
  row: Row,
  job: Job<Row, One, Result>,
): Promise<One | NotStarted> {
  if (isStopping() || job.deadline !== undefined && Date.now() >= job.deadline) return outOfTime();
  try {
    return await job.work(row);
  } catch (error) {
    const isAway = error instanceof DatabaseError && error.unavailable;
    if (isAway || job.failure === undefined) throw error;
    job.warn?.("a row broke", error);
    return job.failure(row, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Works on rows, several at once: writes what comes of them in batches, extends their leases
 * meanwhile, and hands back what was not begun, soon, while it works on others: a row that cannot be
 * had now must not stay held for as long as the slowest page of the run takes. When the run is stopped,
 * it hands back at once what it has not begun.
 * Never throws; see `broken`.
 */
export async function workRows<Row extends object, One extends Attempt<unknown>, Result>(
  rows: readonly Row[],
  job: Job<Row, One, Result>,
): Promise<Outcome<Row, One, Result>> {
  const outcome: Outcome<Row, One, Result> = { finished: [], released: [], broken: null };
  const notes = runNotes();
  notes?.claimed(rows.length);
  const tokens = new Set(rows.flatMap((row) => tokenOf(row) ?? []));
  const leases = job.lease && keepLeases(
    job.lease.heartbeat,
    tokens,
    (error) => job.warn?.("a heartbeat failed", error),
  );
  const waiting = new Set(rows);
  const handBack = async (released: readonly Released<Row>[]) => {
    const leased = released.filter(({ row }) => tokens.delete(tokenOf(row) ?? ""));
    if (leased.length > 0) await job.lease?.release?.(leased.map(asHandedBack));
  };
  const handedBack: Promise<void>[] = [];
  const waitedForBelow = (handing: Promise<void>) => {
    handing.catch(() => {});
    handedBack.push(handing);
  };
  const handBackWaiting = () => {
    waitedForBelow(handBack([...waiting].map((row) => ({ row, why: outOfTime() }))));
    waiting.clear();
  };
  const stop = runStop();
  stop?.soon.addEventListener("abort", handBackWaiting);

  const hostOfRow = (row: Row) => job.host?.(row) ?? "";
  const limit = new FairLimit(job.atOnce ?? AT_ONCE, rows.map(hostOfRow));
  const writer = new Coalesced<One["item"], Result>(
    (items) => job.write(items),
    { waitMs: LONGEST_WAIT_MS, most: FULL_BATCH, expected: rows.length },
  );
  const refused = new Coalesced<Released<Row>, void>(
    async (released) => {
      await handBack(released);
      return released.map(() => undefined);
    },
    { waitMs: LONGEST_HOLD_MS, expected: rows.length },
  );

  const workOn = async (row: Row): Promise<Finished<Row, One, Result> | Released<Row>> => {
    const one = await limit.run(
      hostOfRow(row),
      () => waiting.delete(row) ? attempt(row, job) : Promise.resolve(outOfTime()),
    ).catch((error) => {
      writer.skip();
      refused.skip();
      throw error;
    });
    if (one.kind === "not_started") {
      writer.skip();
      const released = { row, why: one };
      waitedForBelow(refused.load(released));
      return released;
    }
    refused.skip();
    const result = await writer.load(one.item);
    tokens.delete(tokenOf(row) ?? "");
    notes?.ended(job.note?.(row, one, result) ?? rowNote(row, result));
    return { row, one, result };
  };

  try {
    for (const end of await Promise.allSettled(rows.map(workOn))) {
      if (end.status === "rejected") outcome.broken ??= { error: end.reason };
      else if ("why" in end.value) outcome.released.push(end.value);
      else outcome.finished.push(end.value);
    }
    notes?.released(outcome.released.length);
    await Promise.all(handedBack);
  } catch (error) {
    outcome.broken ??= { error };
  } finally {
    stop?.soon.removeEventListener("abort", handBackWaiting);
    leases?.stop();
  }
  return outcome;
}

/**
 * As `workRows`, for a run that is over when it breaks.
 * @throws what broke it; leases that it leaves run out by themselves.
 */
export async function workAll<Row extends object, One extends Attempt<unknown>, Result>(
  rows: readonly Row[],
  job: Job<Row, One, Result>,
): Promise<Ended<Row, One, Result>> {
  const { broken, ...ended } = await workRows(rows, job);
  if (broken !== null) throw broken.error;
  return ended;
}

/** How rows of a leased table are held. */
export function leaseOf<Row extends Leased>(
  database: DatabaseClient,
  table: HeldTable<Row>,
): Lease<Row> {
  return {
    heartbeat: (tokens) => table.heartbeat(database, tokens),
    release: (rows) => table.release(database, rows),
  };
}

/** What is said of each row, in the order of the rows. */
export function reportEach<Row, One, Result, Report>(
  rows: readonly Row[],
  { finished, released }: Ended<Row, One, Result>,
  say: {
    finished(one: Finished<Row, One, Result>): Report;
    released(one: Released<Row>): Report;
  },
): Report[] {
  const reports = new Map<Row, Report>([
    ...finished.map((one) => [one.row, say.finished(one)] as const),
    ...released.map((one) => [one.row, say.released(one)] as const),
  ]);
  return rows.flatMap((row) => reports.has(row) ? [reports.get(row) as Report] : []);
}
