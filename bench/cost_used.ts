/** What a stack has used so far, and what of it was used between two looks. */
import type postgres from "postgres";
import { cpuSeconds } from "../demo/fill/driver/cpu.ts";
import type { CountingApi } from "./counting_api.ts";
import type { Scene } from "./scene.ts";

/** Totals since the stack stands; CPU in seconds, null where the system does not say. */
export interface Used {
  /** Bodies of the sites' answers, not compressed. */
  fetchedBytes: number;
  /** Bodies sent to the API and Storage, and answered by them, not compressed. */
  sentBytes: number;
  answeredBytes: number;
  postgresSeconds: number | null;
  /** Of tables: inserted, updated and deleted. */
  rowsWritten: number;
  /** Of the database with its indexes, as it grew. */
  databaseBytes: number;
  /** Pages and pictures that are kept. */
  storedBytes: number;
}

/** A look at all of it. @param admin of a superuser: the sessions that are idle say what they wrote when they end. */
export async function look(
  { stack, site, sql }: Scene,
  admin: postgres.Sql,
  api: CountingApi,
): Promise<Used> {
  await endIdleSessions(admin);
  const [cpu, use] = [await cpuSeconds(stack, site), await site.use()];
  const { sent, answered } = api.traffic();
  const [held] = await admin<{ rows: number; bytes: number }[]>`
    select
      (select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables
        where schemaname in ('public', 'private'))::float8 as rows,
      pg_database_size(current_database())::float8 as bytes`;
  const [stored] = await sql<{ bytes: number }[]>`
    select ((select coalesce(sum(stored_bytes), 0) from page_snapshots)
      + (select coalesce(sum(bytes), 0) from vehicle_images))::float8 as bytes`;
  return {
    fetchedBytes: use.bytes,
    sentBytes: sent,
    answeredBytes: answered,
    postgresSeconds: cpu?.postgres ?? null,
    rowsWritten: held?.rows ?? 0,
    databaseBytes: held?.bytes ?? 0,
    storedBytes: stored?.bytes ?? 0,
  };
}

/** An idle session keeps its counts to itself for ten seconds; when it ends it hands them in. */
async function endIdleSessions(admin: postgres.Sql): Promise<void> {
  for (;;) {
    const ended = await admin`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where backend_type = 'client backend' and state = 'idle' and pid <> pg_backend_pid()
        and datname = current_database()`;
    if (ended.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await admin`select pg_stat_clear_snapshot()`;
}

/** What was used from one look to the next. */
export function between(before: Used, after: Used): Used {
  const { postgresSeconds: from } = before;
  const { postgresSeconds: to } = after;
  const less = (key: Exclude<keyof Used, "postgresSeconds">) => after[key] - before[key];
  return {
    fetchedBytes: less("fetchedBytes"),
    sentBytes: less("sentBytes"),
    answeredBytes: less("answeredBytes"),
    postgresSeconds: from === null || to === null ? null : to - from,
    rowsWritten: less("rowsWritten"),
    databaseBytes: less("databaseBytes"),
    storedBytes: less("storedBytes"),
  };
}
