/** Two sessions that score the same vehicles at the same moment. */
import assert from "node:assert/strict";
import postgres from "postgres";
import { withStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const PATIENCE = "set lock_timeout = '20s'";

Deno.test("two sessions that score vehicles without a score wait for each other, and both succeed", async () => {
  await withStack({ cron: false }, async (stack) => {
    const sql = postgres(stack.dbUrl, { max: 3, onnotice: () => {} });
    try {
      const vehicles = await sql<{ id: string }[]>`
        insert into vehicles (discovery_url, year, make, model)
        select 'https://a.example/' || n, 1990, 'BMW', 'M3' from generate_series(1, 2) n
        returning id`;
      const ids = vehicles.map(({ id }) => id).sort();
      // As an older release left them.
      await sql`delete from vehicle_quality_scores`;
      const [one, other] = [await sql.reserve(), await sql.reserve()];
      const score = (session: postgres.ReservedSql, which: string[]) =>
        session<{ n: number }[]>`select private.refresh_quality(${which}::uuid[]) as n`
          .then(([row]) => row?.n);
      await one.unsafe(PATIENCE);
      await other.unsafe(PATIENCE);
      const [backend] = await other`select pg_backend_pid() as pid`;

      await one`begin`;
      assert.equal(await score(one, ids.slice(0, 1)), 1);
      const scoring = score(other, ids.toReversed());
      await until("the other waits", async () => {
        const [lock] = await sql`
          select exists (select from pg_locks where pid = ${backend?.pid} and not granted) as waits`;
        return lock?.waits === true;
      });
      // In the order of the ids: while it waits for the first, the second is free.
      assert.equal(await score(one, ids.slice(1)), 1);
      await one`commit`;
      assert.equal(await scoring, 2);

      const scores = await sql`
        select overall_score::float as score, missing_fields[1] as first_missing from vehicle_quality_scores`;
      assert.deepEqual(
        scores.map((row) => ({ ...row })),
        ids.map(() => ({ score: 30, first_missing: "vin" })),
      );
    } finally {
      await sql.end({ timeout: 5 });
    }
  });
});
