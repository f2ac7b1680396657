/** A vehicle is deleted while a worker reads its page: two real sessions, one waiting for the other. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { sql as connect, withStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const LISTING = "https://cars.example/1";
/** Another address of the same listing, which leads to it. */
const ALIAS = "https://cars.example/short/1";

interface Result {
  outcome: string;
  error: string | null;
  state: string | null;
  vehicle_id: string | null;
}

/** Queues an address and claims it, as a worker does. */
async function claim(sql: postgres.Sql, url: string) {
  await sql`insert into import_queue (listing_url) values (${url})`;
  const [row] = await sql<{ claimed: { id: string; lease_token: string } }[]>`
    select claim_queue('import_queue', 1) -> 0 as claimed`;
  assert.ok(row?.claimed);
  return { queue: "import_queue", id: row.claimed.id, lease_token: row.claimed.lease_token };
}

/** What the worker writes: a reading of the listing. */
async function write(sql: postgres.Sql, request: object | null): Promise<Result | undefined> {
  const fact = (value: unknown) => ({ value, confidence: 0.9, evidence: "seen" });
  const [row] = await sql<{ result: Result }[]>`select import_listings(${
    sql.json([{
      ...{ source_url: LISTING, outcome: "ok", method: "a_scraper", scraper_version: "v1.0.0" },
      ...{ page_at: "2026-01-01T00:00:00Z", extraction_hash: "h", steps: ["extract_data"] },
      facts: { year: fact(2001), make: fact("BMW"), model: fact("M3") },
      ...request === null ? {} : { request },
    }] as postgres.JSONValue)
  }) -> 0 as result`;
  return row?.result;
}

Deno.test("a vehicle that is deleted while its page is read", (t) =>
  withStack({ cron: false }, async (stack) => {
    const worker = connect(stack, { max: 1 });
    const person = connect(stack, { max: 1 });
    const watch = connect(stack, { max: 1 });
    const vehicles = async () =>
      Number((await watch`select count(*)::int as n from vehicles`)[0]?.n);

    /** Deletes the vehicle, and commits only when the worker's writing waits for that. */
    async function writtenWhileDeleted(request: object): Promise<Result | undefined> {
      let writing: Promise<Result | undefined> | undefined;
      await person.begin(async (tx) => {
        await tx`delete from vehicles`;
        writing = write(worker, request);
        await until("the worker waits", async () => {
          const [row] = await watch`
            select count(*)::int as n from pg_stat_activity
            where wait_event_type = 'Lock' and query like '%import_listings%'`;
          return Number(row?.n) > 0;
        });
      });
      return await writing;
    }

    try {
      for (const [what, url] of [["by its address", LISTING], ["by another address", ALIAS]]) {
        await t.step(`does not come back by a worker that was to read it ${what}`, async () => {
          await person`insert into vehicles (discovery_url) values (${LISTING})`;
          const request = await claim(person, url ?? "");
          const result = await writtenWhileDeleted(request);
          assert.match(result?.error ?? "", /was forgotten: deleted by hand .*bring_back_address/);
          assert.equal(result?.vehicle_id, null);
          assert.equal(await vehicles(), 0);
          const rows = await watch`select status, outcome_code, error_message from import_queue`;
          if (url === LISTING) {
            assert.equal(result?.outcome, "stale_lease");
            assert.deepEqual([...rows], []); // it went with the vehicle
          } else {
            assert.equal(result?.outcome, "invalid");
            assert.equal(rows[0]?.status, "failed");
            assert.equal(rows[0]?.outcome_code, "invalid");
            assert.match(rows[0]?.error_message, /was forgotten: deleted by hand/);
          }
          await person`delete from import_queue`;
        });
      }

      await t.step("comes back when a person queues it again", async () => {
        await person`select bring_back_address(${LISTING})`;
        const [row] = await person<{ claimed: { id: string; lease_token: string } }[]>`
          select claim_queue('import_queue', 1) -> 0 as claimed`;
        const result = await write(worker, {
          ...{ queue: "import_queue", id: row?.claimed.id, lease_token: row?.claimed.lease_token },
        });
        assert.equal(result?.outcome, "ok", result?.error ?? "");
        assert.equal(await vehicles(), 1);
      });

      await t.step("comes back when a person inserts it", async () => {
        await person`delete from vehicles`;
        await person`insert into vehicles (discovery_url) values (${LISTING})`;
        assert.equal((await watch`select * from remembered_addresses`).length, 0);
      });
    } finally {
      await Promise.all([worker.end(), person.end(), watch.end()]);
    }
  }));
