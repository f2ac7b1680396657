/** A vehicle that somebody else has locked holds up itself, and nothing else. */
import assert from "node:assert/strict";
import postgres from "postgres";
import { until } from "../support/until.ts";
import { insertListings, startWorld } from "../support/world.ts";

const HOST = "bringatrailer.com";
/** What a batch may wait in all; the rest is what a loaded machine takes to write it. */
const SOON_MS = 5_000;

interface Claimed {
  id: string;
  vehicle_id: string;
  lease_token: string;
  listing_url: string;
}
interface Result {
  outcome: string;
  state: string | null;
  error: string | null;
}

Deno.test("a vehicle that another session has locked", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 30 } } });
  const { site, sql, stack, post } = world;
  const urls = Array.from({ length: 20 }, (_, i) => site.catalogue.at(HOST, i)?.url ?? "");
  const ids = await insertListings(sql, urls);
  const [held = ""] = ids;
  const [heldUrl = ""] = urls;
  const person = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });

  /** Locks a vehicle by a statement, works, then commits. */
  async function whileLocked(statement: string, work: () => Promise<void>): Promise<void> {
    await person.begin(async (tx) => {
      await tx.unsafe(statement);
      await work();
    });
  }
  /** Gives what a call answers, and asserts that it did so without waiting for anybody. */
  async function soon(call: string, items: unknown[]): Promise<Result[]> {
    const begun = performance.now();
    const [row] = await sql.unsafe<{ results: Result[] }[]>(
      `select ${call}($1::jsonb) as results`,
      [items as never],
    );
    const took = performance.now() - begun;
    assert.ok(took < SOON_MS, `${call} took ${Math.round(took)} ms`);
    return row?.results ?? [];
  }
  const counted = (results: Result[]) =>
    Object.fromEntries(
      [...Map.groupBy(results, (it) => it.outcome)].map(([outcome, all]) => [outcome, all.length]),
    );
  const claim = async (queue: string) => {
    await sql`update ${sql(queue)} set next_attempt_at = now() where next_attempt_at is not null`;
    const [row] = await sql<{ rows: Claimed[] }[]>`select claim_queue(${queue}, 20) as rows`;
    return row?.rows ?? [];
  };
  const reading = (field: string, value: string, { vehicle_id }: { vehicle_id: string }) => ({
    vehicle_id,
    outcome: "ok",
    source_url: urls[ids.indexOf(vehicle_id)],
    method: "a_scraper",
    scraper_version: "v1.0.0",
    facts: { [field]: { value, confidence: 0.9, evidence: "seen" } },
  });
  const asked = (queue: string, row: Claimed, item: object) => ({
    ...item,
    request: { queue, id: row.id, lease_token: row.lease_token },
  });
  const holding = async (field: "make" | "model" | "trim", value: string) => {
    const [row] = await sql`
      select count(*)::int as n from vehicles where ${sql(field)} = ${value}`;
    return row?.n;
  };

  try {
    await t.step("a batch of 20 writes the other 19 at once, and the 20th after that", async () => {
      await sql`insert into backfill_queue (vehicle_id, reason) select unnest(${ids}::uuid[]), 'r'`;
      const write = async () => {
        const rows = await claim("backfill_queue");
        const items = rows.map((row) => asked("backfill_queue", row, reading("make", "BMW", row)));
        return { rows, results: await soon("apply_extractions", items) };
      };
      await whileLocked(`select from vehicles where id = '${held}' for update`, async () => {
        const { rows, results } = await write();
        assert.deepEqual(counted(results), { ok: 19, vehicle_locked: 1 });
        const handed = results[rows.findIndex((row) => row.vehicle_id === held)];
        assert.equal(handed?.outcome, "vehicle_locked");
        assert.equal(handed?.state, "pending");
        assert.match(handed?.error ?? "", /another session has the vehicle locked/);
        const [row] = await sql`
          select status, attempts, lease_token, error_message,
            next_attempt_at between now() and now() + interval '31 seconds' as soon
          from backfill_queue where vehicle_id = ${held}`;
        assert.deepEqual({ ...row }, {
          status: "pending",
          attempts: 0,
          lease_token: null,
          error_message: handed?.error,
          soon: true,
        });
        assert.equal(await holding("make", "BMW"), 19);
      });
      const { results } = await write();
      assert.deepEqual(counted(results), { ok: 1 });
      assert.equal(await holding("make", "BMW"), 20);
    });

    await t.step("so does an import of listings, one of them the vehicle's own", async () => {
      const fresh = Array.from({ length: 9 }, (_, i) => site.catalogue.at(HOST, 20 + i)?.url ?? "");
      const listings = [...urls.slice(0, 11), ...fresh];
      const items = listings.map((url) => ({ url, source: "bringatrailer" }));
      await sql`insert into import_queue (listing_url) select unnest(${listings}::text[])`;
      assert.equal(items.length, 20);
      const write = async () => {
        const rows = await claim("import_queue");
        return soon(
          "import_listings",
          rows.map((row) =>
            asked("import_queue", row, {
              source_url: row.listing_url,
              outcome: "ok",
              method: "a_scraper",
              scraper_version: "v1.0.0",
              facts: { model: { value: "M3", confidence: 0.9, evidence: "seen" } },
            })
          ),
        );
      };
      await whileLocked(`select from vehicles where id = '${held}' for update`, async () => {
        assert.deepEqual(counted(await write()), { ok: 19, vehicle_locked: 1 });
        const [row] = await sql`
          select status, attempts, lease_token from import_queue where listing_url = ${heldUrl}`;
        assert.deepEqual({ ...row }, { status: "pending", attempts: 0, lease_token: null });
        assert.equal(await holding("model", "M3"), 19);
      });
      assert.deepEqual(counted(await write()), { ok: 1 });
      assert.equal(await holding("model", "M3"), 20);
    });

    await t.step(
      "an insert of the same address that is not yet committed is one, too",
      async () => {
        const url = site.catalogue.at(HOST, 29)?.url ?? "";
        const item = {
          source_url: url,
          outcome: "ok",
          facts: reading("make", "BMW", { vehicle_id: "" }).facts,
        };
        await whileLocked(`insert into vehicles (discovery_url) values ('${url}')`, async () => {
          assert.deepEqual(counted(await soon("import_listings", [item])), { vehicle_locked: 1 });
        });
        assert.deepEqual(counted(await soon("import_listings", [item])), { ok: 1 });
      },
    );

    for (
      const [how, statement] of [
        ["a lock", `select from vehicles where id = '${held}' for update`],
        ["an open edit", `update vehicles set color = 'Black' where id = '${held}'`],
      ] as const
    ) {
      await t.step(`under ${how}, a run of micro-scrape-bandaid writes the others`, async () => {
        await sql`select reopen_micro_scrape(${ids}::uuid[])`;
        const state = async () => {
          const [row] = await sql`select * from micro_scrape_state where vehicle_id = ${held}`;
          return row;
        };
        const run = () =>
          post("micro-scrape-bandaid", { vehicle_ids: ids, max_runtime_ms: 60_000 });
        site.setFault(heldUrl, { kind: "slow", ms: 3_000 });
        const begun = performance.now();
        const running = run();
        await until("the vehicle is leased", async () => (await state())?.state === "leased");
        await whileLocked(statement, async () => {
          const { status, body } = await running;
          assert.equal(status, 200, JSON.stringify(body));
          const took = performance.now() - begun;
          assert.ok(took < 20_000, `the run took ${Math.round(took)} ms`);
          assert.equal(body.analyzed, 20);
          const [others] = await sql`
            select count(*)::int as n from micro_scrape_state
            where vehicle_id <> ${held} and vehicle_id = any (${ids}::uuid[]) and state not in ('due', 'leased')`;
          assert.equal(others?.n, 19);
        });
        site.setFault(heldUrl, null);
        await sql`
          update micro_scrape_state set lease_expires_at = now() - interval '1 second'
          where vehicle_id = ${held} and lease_token is not null`;
        await sql`select rescue_expired_leases()`;
        const handedBack = await state();
        assert.match(handedBack?.last_error ?? "", /another session has the vehicle locked/);
        assert.equal(handedBack?.failures, 0);
        assert.equal(handedBack?.lease_token, null);
        await run();
        assert.match((await state())?.last_outcome, /^(ok|not_modified)$/);
      });
    }
  } finally {
    await person.end();
    await world.close();
  }
});
