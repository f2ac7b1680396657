/** A pair that was proved to be one car, and is changed by a person before it is joined. */
import assert from "node:assert/strict";
import { sql as connect, withStack } from "../support/stack.ts";

const VIN = "WP0AA29829U760958";

Deno.test("a pair that a person changes while the job waits for it is not joined", (t) =>
  withStack({ cron: false }, async (stack) => {
    const [person, job, watch] = [connect(stack), connect(stack), connect(stack)];
    try {
      await t.step("and is, when nobody does", async () => {
        await insertPair(person, "one");
        assert.equal((await joined(job)).count, 1);
        await person`truncate vehicles, vehicle_merges cascade`;
      });
      await insertPair(person, "two");
      const running = await person.begin(async (tx) => {
        await tx`update vehicles set make = 'Audi' where listing_url = 'https://two-b.example/1'`;
        const waits = joined(job);
        for (let look = 0;; look++) {
          const [lock] = await watch<{ waits: boolean }[]>`
            select exists (select from pg_locks where not granted) as waits`;
          if (lock?.waits) return { waits }; // what it judged is about to be another car
          assert.ok(look < 500, "the job never came to the pair");
          await new Promise((next) => setTimeout(next, 1));
        }
      });
      assert.equal((await running.waits).count, 0);
      const [left] = await person<{ n: number }[]>`select count(*)::int as n from vehicles`;
      assert.equal(left?.n, 2);
    } finally {
      await Promise.all([person, job, watch].map((sql) => sql.end()));
    }
  }));

type Sql = ReturnType<typeof connect>;

async function joined(sql: Sql): Promise<{ count: number }> {
  const [row] = await sql<{ count: number }[]>`select private.join_proven_vehicles() as count`;
  return { count: row?.count ?? -1 };
}

/** Two vehicles that a VIN proves to be one car, as a job that comes later finds them. */
async function insertPair(sql: Sql, name: string): Promise<void> {
  for (const site of ["a", "b"]) {
    await sql`insert into vehicles (vin, year, make, model, mileage, listing_url)
      values (${VIN}, 2009, 'Porsche', '911', 20000, ${`https://${name}-${site}.example/1`})`;
  }
  const [open] = await sql<{ n: number }[]>`
    select count(*)::int as n from vehicle_merge_candidates where status = 'open'`;
  assert.equal(open?.n, 1);
}
