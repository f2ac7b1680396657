/** A clock of a stack that can be moved on, so that a day of it takes minutes. */
import { connectAs } from "./postgres/sql.ts";
import { sqlText } from "./postgres/sql_files.ts";

export interface Clock {
  /** Epoch milliseconds, as Postgres, cron and the functions see them. */
  now(): number;
  /**
   * Moves time on to a moment, epoch milliseconds; from there it goes on at its own pace. What waits for a time that
   * has come by then is due. Never back: for a moment that has passed nothing is done.
   */
  moveTo(moment: number): Promise<void>;
}

/** How long Postgres may take to tell all its sessions. */
const LONGEST_MS = 10_000;

/**
 * Gives Postgres a clock that can be moved: `now()` and its like, also in defaults and views that exist already.
 * `current_date` and its like stay as they are. For temporary databases only: it changes what no migration does.
 * @param follow is told by how many milliseconds time was moved on in all.
 */
export async function movableClock(
  port: number,
  follow: (aheadMs: number) => Promise<void>,
): Promise<Clock> {
  const setAhead = async (ms: number) => {
    const sql = connectAs("supabase_admin", port);
    try {
      await sql.unsafe(`alter system set clock.ahead = '${ms} milliseconds'`);
      await sql`select pg_reload_conf()`;
      for (const begun = Date.now();;) {
        const [row] = await sql`select current_setting('clock.ahead', true) as ahead`;
        if (row?.ahead === `${ms} milliseconds`) break;
        if (Date.now() - begun > LONGEST_MS) throw new Error("Postgres did not move its clock");
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await sql`notify _local_cron`; // what is due by now is run now
    } finally {
      await sql.end();
    }
  };
  const sql = connectAs("supabase_admin", port);
  // Each move lets the autovacuum launcher begin its wait anew: with Postgres' minute no table would ever be analyzed,
  // and plans would stay as they were made for empty tables.
  await sql`alter system set autovacuum_naptime = '10s'`;
  await setAhead(0);
  await sql.unsafe(sqlText("clock.sql")).finally(() => sql.end());

  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    async moveTo(moment) {
      const wanted = Math.ceil(moment - Date.now());
      if (wanted <= ahead) return;
      await setAhead(wanted);
      ahead = wanted;
      await follow(ahead);
    },
  };
}
