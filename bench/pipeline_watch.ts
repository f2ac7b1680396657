/** What happened to the rows of import_queue, written down by the database as it happens. */
import type postgres from "postgres";
import type { Kill } from "./pipeline_workers.ts";

/** Writes every change of a lease down, beside the queue and without touching it. */
export async function watchQueue(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create schema watched;
    create table watched.leases (
      n bigint generated always as identity primary key,
      row_id uuid not null,
      leased boolean not null, -- or its lease ended
      status text not null,
      outcome text,
      error text,
      blocked_days integer not null,
      at timestamptz not null default clock_timestamp()
    );
    create index on watched.leases (row_id);
    create function watched.note() returns trigger language plpgsql security definer
    set search_path = '' as $$
    begin
      insert into watched.leases (row_id, leased, status, outcome, error, blocked_days)
      values (new.id, new.lease_token is not null, new.status, new.outcome_code, new.error_message, new.blocked_days);
      return null;
    end $$;
    create trigger watched_leases after update on public.import_queue
      for each row when (old.lease_token is distinct from new.lease_token)
      execute function watched.note();
  `);
}

/** What became of the rows that kills left behind. */
export interface Orphans {
  rows: number;
  /** Seconds from the kill until the last of them was leased again. */
  longest: number;
}

/**
 * The rows that killed workers had leased and not settled, and how soon they were taken up.
 * @throws Error when one of them was never leased again.
 */
export async function orphans(sql: postgres.Sql, kills: readonly Kill[]): Promise<Orphans> {
  const all: Orphans = { rows: 0, longest: 0 };
  for (const { at, rows } of kills) {
    // Settled at the last moment: what comes first after the kill is not that the lease ran out.
    const left = await sql<{ again: Date | null }[]>`
      select (select min(l.at) from watched.leases l
        where l.row_id = f.row_id and l.n > f.n and l.leased) as again
      from unnest(${rows}::uuid[]) r(id)
      cross join lateral (
        select * from watched.leases l
        where l.row_id = r.id and l.at > ${new Date(at)}
        order by l.n limit 1
      ) f
      where f.error = 'the worker stopped without reporting' and not f.leased`;
    for (const { again } of left) {
      if (again === null) throw new Error("a row of a killed worker was never worked again");
      all.rows++;
      all.longest = Math.max(all.longest, (again.getTime() - at) / 1000);
    }
  }
  return all;
}
