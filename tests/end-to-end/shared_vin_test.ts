/** One VIN on very many listings: imports and a person at once, in real sessions. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { sql as connect, withStack } from "../support/stack.ts";

const VIN = "WBSBA91070AE84214";
const IMPORTERS = 8;
const BATCHES = 15;
const BATCH = 10;

/** A listing of the car with the VIN, as a worker has read it. */
function listing(name: string) {
  const fact = (value: unknown) => ({ value, confidence: 0.95, evidence: "seen" });
  return {
    source_url: `https://${name.length % 7}.example/${name}`,
    outcome: "ok",
    method: "a_scraper",
    scraper_version: "v1.0.0",
    page_at: new Date().toISOString(),
    extraction_hash: name,
    facts: { year: fact(2001), make: fact("BMW"), vin: fact(VIN) },
  };
}

interface Result {
  index: number;
  outcome: string;
  error?: string;
}

async function importAll(sql: postgres.Sql, importer: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    // Half of each batch is new, half was imported by the neighbour just now.
    let items = Array.from({ length: BATCH }, (_, i) => {
      const by = i % 2 === 0 ? importer : (importer + 1) % IMPORTERS;
      return listing(`${"x".repeat(by)}${by}-${batch}-${i - i % 2}`);
    });
    while (items.length > 0) {
      const [row] = await sql<{ results: Result[] }[]>`
        select import_listings(${sql.json(items as postgres.JSONValue)}) as results`;
      const results = row?.results ?? [];
      const isLocked = ({ outcome }: Result) => outcome === "vehicle_locked";
      outcomes.push(
        ...results.filter((it) => !isLocked(it)).map((it) => it.error ?? it.outcome),
      );
      // What the person's update has locked for long is handed back, and comes with the next claim.
      items = items.filter((_, i) => results.some((it) => it.index === i && isLocked(it)));
    }
  }
  return outcomes;
}

/** What a person does beside it: edits many, edits two in any order, moves one, deletes some. */
async function editUntil(sql: postgres.Sql, isOver: () => boolean): Promise<number> {
  let edits = 0;
  for (; !isOver(); edits++) {
    await sql`update vehicles set color = ${`Red ${edits}`} where vin = ${VIN}`;
    await sql.begin(async (tx) => {
      const some = await tx<{ id: string }[]>`select id from vehicles order by random() limit 2`;
      for (const { id } of some) {
        await tx`update vehicles set discovery_url = 'https://moved.example/' || gen_random_uuid() where id = ${id}`;
      }
    });
    await sql`update vehicles set vin = null where id in (select id from vehicles order by random() limit 5)`;
    await sql`update vehicles set vin = ${VIN} where vin is null`;
    await sql`delete from vehicles where id in (select id from vehicles order by random() limit 2)`;
  }
  return edits;
}

Deno.test("one VIN on a thousand listings", (t) =>
  withStack({ cron: false }, async (stack) => {
    const sql = connect(stack, { max: IMPORTERS + 3 });
    const person = connect(stack, { max: 1 });
    try {
      await t.step("imports and a person's updates do not deadlock", async () => {
        let isOver = false;
        const editing = editUntil(person, () => isOver);
        const imports = await Promise.all(
          Array.from({ length: IMPORTERS }, (_, importer) => importAll(sql, importer)),
        ).finally(() => isOver = true);
        assert.ok(await editing > 3);
        assert.deepEqual(new Set(imports.flat()), new Set(["ok"]));
        const [server] = await sql`
          select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()`;
        assert.equal(server?.deadlocks, 0);
      });

      await t.step("rows grow with the vehicles, not with their pairs", async () => {
        const [counts] = await sql`
          select (select count(*)::int from vehicles) as vehicles,
            (select count(*)::int from vehicle_merge_candidates) as pairs`;
        assert.ok(counts?.vehicles > 500);
        assert.ok(counts?.pairs <= counts?.vehicles, `${counts?.pairs} pairs`);
      });

      await t.step(
        "ten thousand in one statement take seconds, and the last as long as the first",
        async () => {
          const add = async (count: number) => {
            const begun = performance.now();
            await sql`
            insert into vehicles (vin, make)
            select ${VIN}, 'BMW' from generate_series(1, ${count})`;
            return performance.now() - begun;
          };
          const first = await add(2000);
          await add(6000);
          const last = await add(2000);
          assert.ok(last < first * 3 + 500, `${first} ms, then ${last} ms`);
          const [row] = await sql`select count(*)::int as pairs from vehicle_merge_candidates`;
          assert.ok(row?.pairs < 1000);
        },
      );
    } finally {
      await person.end();
      await sql.end();
    }
  }));
