/** Eight and more sessions at once on one database: nothing is done twice, nothing is lost. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { sql as connect, withStack } from "../support/stack.ts";

const SESSIONS = 10;

interface Claimed {
  vehicle_id: string;
  id: string;
  lease_token: string;
}
interface Result {
  outcome: string;
  error?: string | null;
  conflicts?: string[];
}

/** Does the same in every session at once; gives what each gave. */
function together<T>(use: (session: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: SESSIONS }, (_, session) => use(session)));
}

async function addVehicles(sql: postgres.Sql, count: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into vehicles (discovery_url)
    select 'https://a.example/' || gen_random_uuid() from generate_series(1, ${count})
    returning id`;
  return rows.map(({ id }) => id);
}

async function claimMicroScrape(sql: postgres.Sql, limit: number): Promise<Claimed[]> {
  const [row] = await sql<{ work: Claimed[] }[]>`select claim_micro_scrape(${limit}) as work`;
  return row?.work ?? [];
}

async function apply(sql: postgres.Sql, items: unknown[]): Promise<Result[]> {
  const [row] = await sql<{ results: Result[] }[]>`
    select apply_extractions(${sql.json(items as postgres.JSONValue)}) as results`;
  return row?.results ?? [];
}

/** A reading of one field from a site. */
function reading(vehicleId: string, field: string, value: unknown, more: object = {}) {
  return {
    vehicle_id: vehicleId,
    outcome: "ok",
    source_url: "https://a.example/listing",
    method: "a_scraper",
    scraper_version: "v1.0.0",
    page_at: new Date().toISOString(),
    facts: { [field]: { value, confidence: 0.9, evidence: "seen" } },
    ...more,
  };
}

function shuffled<T>(values: readonly T[]): T[] {
  return values.map((value) => ({ value, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

Deno.test(`${SESSIONS} sessions at once`, (t) =>
  withStack({ cron: false }, async (stack) => {
    const sql = connect(stack, { max: SESSIONS + 2 });
    const clean = () => sql`truncate vehicles cascade`;
    try {
      // Who is connected already would do all while the others still connect.
      await together(() => sql`select`);
      await t.step("never claim the same vehicle", async () => {
        const ids = await addVehicles(sql, 400);
        const claims = await together(async () => {
          const mine: string[] = [];
          for (;;) {
            const work = await claimMicroScrape(sql, 7);
            if (work.length === 0) return mine;
            mine.push(...work.map((item) => item.vehicle_id));
          }
        });
        const all = claims.flat();
        assert.equal(all.length, 400);
        assert.equal(new Set(all).size, 400);
        assert.deepEqual(new Set(all), new Set(ids));
        assert.ok(claims.filter((mine) => mine.length > 0).length > 1, "several had their part");
      });

      await t.step("nor a vehicle that is asked for by name", async () => {
        await clean();
        const ids = await addVehicles(sql, 20);
        const claims = await together(async () => {
          const [row] = await sql`select claim_micro_scrape(20, ${shuffled(ids)}::uuid[]) as work`;
          return row?.work.map((item: Claimed) => item.vehicle_id);
        });
        assert.equal(claims.flat().length, 20);
        assert.equal(new Set(claims.flat()).size, 20);
      });

      await t.step("nor the same row of a queue", async () => {
        await clean();
        await addVehicles(sql, 300);
        await sql`insert into backfill_queue (vehicle_id, reason) select id, 'r' from vehicles`;
        const claims = await together(async () => {
          const mine: string[] = [];
          for (;;) {
            const [row] = await sql`select claim_queue('backfill_queue', 7) as rows`;
            if (row?.rows.length === 0) return mine;
            mine.push(...row?.rows.map((one: Claimed) => one.id));
          }
        });
        assert.equal(claims.flat().length, 300);
        assert.equal(new Set(claims.flat()).size, 300);
        const [spent] = await sql`select max(attempts) as most from backfill_queue`;
        assert.equal(spent?.most, 1);
      });

      await t.step("nor rows whose workers have died", async () => {
        await sql`update backfill_queue set lease_expires_at = now() - interval '1 second'`;
        const claimed: string[] = [];
        for (let burst = 0; burst < 30 && claimed.length < 300; burst++) {
          const claims = await together(async () => {
            const [row] = await sql`select claim_queue('backfill_queue', 7) as rows`;
            return row?.rows as Claimed[];
          });
          claimed.push(...claims.flat().map((one) => one.id));
        }
        assert.equal(claimed.length, 300);
        assert.equal(new Set(claimed).size, 300);
      });

      await t.step(
        "write overlapping batches in any order: all is kept, none waits in a circle",
        async () => {
          await clean();
          const ids = await addVehicles(sql, 25);
          const fields = ["make", "model", "trim", "color", "engine"];
          const results = await together(async (session) => {
            const mine: Result[] = [];
            for (let round = 0; round < 6; round++) {
              const items = shuffled(ids).slice(0, 20).map((id) =>
                reading(id, fields[(session + round) % 5] ?? "", "the same", {
                  images: [`https://i.example/${session}-${round}.jpg`],
                  steps: ["extract_data"],
                })
              );
              mine.push(...await apply(sql, items));
            }
            return mine;
          });
          const failed = results.flat().filter(({ outcome }) => outcome !== "ok");
          assert.deepEqual(failed, []);
          const [steps] = await sql`select count(*)::int as n from scrape_steps`;
          assert.equal(steps?.n, SESSIONS * 6 * 20);
          const [held] = await sql`
          select
            bool_and(field_state ?& ${fields}) as states,
            bool_and(make = 'the same' and model = 'the same') as values,
            bool_and((origin_metadata ->> 'image_count')::int
              = jsonb_array_length(origin_metadata -> 'image_urls')) as counted,
            sum(jsonb_array_length(origin_metadata -> 'image_urls'))::int as urls
          from vehicles`;
          assert.deepEqual({ ...held }, {
            states: true,
            values: true,
            counted: true,
            urls: SESSIONS * 6 * 20,
          });
          const [rows] = await sql`
          select count(*)::int as n, count(distinct (vehicle_id, field_name))::int as fields
          from extraction_metadata`;
          assert.equal(rows?.n, rows?.fields, "one row a value, however many read it");
        },
      );

      await t.step("keep what each merges into origin_metadata", async () => {
        await clean();
        const [id = ""] = await addVehicles(sql, 1);
        await together(async (session) => {
          for (let n = 0; n < 10; n++) {
            const note = { [`note_${session}_${n}`]: n };
            if (session % 2 === 0) {
              await sql`update vehicles set origin_metadata = origin_metadata || ${sql.json(note)}`;
            } else {
              await apply(sql, [
                reading(id, "make", "BMW", { images: [`https://i.example/${session}-${n}`] }),
              ]);
            }
          }
        });
        const [row] = await sql`
          select (select count(*)::int from jsonb_object_keys(origin_metadata) k where k like 'note%')
              as notes,
            jsonb_array_length(origin_metadata -> 'image_urls') as urls
          from vehicles`;
        assert.deepEqual({ ...row }, { notes: SESSIONS * 5, urls: SESSIONS * 5 });
      });

      await t.step(
        "people edit while batches are written: their word stands, no one fails",
        async () => {
          await clean();
          const ids = await addVehicles(sql, 20);
          const outcomes = await together(async (session) => {
            const mine: Result[] = [];
            for (let round = 0; round < 8; round++) {
              if (session < 3) {
                // A year changes the score, so that the state is written too.
                for (const id of shuffled(ids).slice(0, 5)) {
                  await sql`
                  update vehicles set color = ${"by hand " + session}, year = ${1990 + round}
                  where id = ${id}`;
                }
              } else if (session === 3) {
                await sql`update vehicles set transmission = ${"manual " + round}`;
              } else {
                const work = await claimMicroScrape(sql, 8);
                mine.push(
                  ...await apply(
                    sql,
                    shuffled(work).map((item) =>
                      reading(item.vehicle_id, "color", `scraped ${session}`, {
                        extraction_hash: `${session}-${round}`,
                        request: { queue: "micro_scrape_state", lease_token: item.lease_token },
                      })
                    ),
                  ),
                  ...await apply(
                    sql,
                    shuffled(ids).slice(0, 8).map((id) =>
                      reading(id, "engine", `${session}-${round}`)
                    ),
                  ),
                );
                // By id, as everybody who writes states; who holds one has it looked at already.
                await sql`
                update micro_scrape_state set state = 'due'
                where vehicle_id in (
                  select vehicle_id from micro_scrape_state where state = 'waiting'
                  order by vehicle_id for update skip locked
                )`;
              }
            }
            return mine;
          });
          const bad = outcomes.flat().filter(({ outcome }) => outcome !== "ok");
          assert.deepEqual(bad, []);
          const rows = await sql`
          select color, transmission, field_state -> 'color' ->> 'method' as method from vehicles`;
          for (const row of rows) {
            assert.match(row.transmission, /^manual /);
            assert.equal(row.method === "manual", row.color?.startsWith("by hand") ?? false);
          }
          assert.ok(rows.some((row) => row.method === "manual"));
          await inSync(sql);
        },
      );

      await t.step("vehicles are deleted while batches of queues are written", async () => {
        await clean();
        await addVehicles(sql, 60);
        await sql`insert into backfill_queue (vehicle_id, reason) select id, 'r' from vehicles`;
        const outcomes = await together(async (session) => {
          const mine: Result[] = [];
          for (let round = 0; round < 5; round++) {
            if (session < 2) {
              for (let n = 0; n < 3; n++) {
                await sql`
                  delete from vehicles
                  where id = (select id from vehicles order by random() limit 1)`;
              }
            } else {
              const [row] = await sql`select claim_queue('backfill_queue', 5) as rows`;
              mine.push(
                ...await apply(
                  sql,
                  row?.rows.map((one: Claimed) =>
                    reading(one.vehicle_id, "make", "BMW", {
                      request: {
                        queue: "backfill_queue",
                        id: one.id,
                        lease_token: one.lease_token,
                      },
                    })
                  ),
                ),
              );
            }
          }
          return mine;
        });
        const ends = new Set(outcomes.flat().map(({ outcome }) => outcome));
        assert.ok(ends.has("ok"));
        ends.delete("ok");
        ends.delete("stale_lease"); // its row went with its vehicle
        assert.deepEqual([...ends], []);
        const [left] = await sql`
          select count(*)::int as n from backfill_queue where status = 'processing'`;
        assert.equal(left?.n, 0, "no lease is left behind");
      });

      await t.step("a token that was taken over writes nothing, whoever is first", async () => {
        await clean();
        await addVehicles(sql, 30);
        const old = await claimMicroScrape(sql, 30);
        await sql`update micro_scrape_state set lease_expires_at = now() - interval '1 second'`;
        const fresh = await claimMicroScrape(sql, 30);
        assert.equal(fresh.length, 30);
        const write = (work: Claimed[], value: string) =>
          apply(
            sql,
            shuffled(work).map((item) =>
              reading(item.vehicle_id, "make", value, {
                request: { queue: "micro_scrape_state", lease_token: item.lease_token },
              })
            ),
          );
        const results = await together((session) =>
          session % 2 === 0 ? write(old, `old ${session}`) : write(fresh, `new ${session}`)
        );
        const count = (outcome: string) =>
          results.flat().filter((result) => result.outcome === outcome).length;
        assert.equal(count("ok"), 30, "each vehicle once");
        assert.equal(count("stale_lease"), SESSIONS * 30 - 30);
        const [row] = await sql`select bool_and(make like 'new %') as fresh from vehicles`;
        assert.equal(row?.fresh, true);
        const [steps] = await sql`select count(*)::int as n from extraction_metadata`;
        assert.equal(steps?.n, 30);
      });

      await t.step("images and facts of one vehicle, written at once, both count", async () => {
        await clean();
        const ids = await addVehicles(sql, 40);
        await together(async (session) => {
          for (const id of shuffled(ids)) {
            if (session % 2 === 0) {
              await sql`
                insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path,
                  mime_type, bytes, width, height, position)
                select ${id}, h, 'https://i.example/1.jpg', h || '.jpg', 'image/jpeg', 1, 1, 1, 0
                from (select md5(${id + session}) || md5('x') as h) x`;
            } else {
              await sql`update vehicles set year = ${
                1950 + session
              }, make = 'BMW' where id = ${id}`;
            }
          }
        });
        const [row] = await sql`
          select min(overall_score)::float as low, max(overall_score)::float as high
          from vehicle_quality_scores`;
        assert.deepEqual({ ...row }, { low: 35, high: 35 });
        await inSync(sql);
      });

      await t.step(
        "work that is enqueued never waits for an invocation that another session makes",
        async () => {
          await clean();
          const ids = await addVehicles(sql, SESSIONS);
          const held = await sql.reserve();
          await held`begin`;
          await held`insert into backfill_queue (vehicle_id, reason) values (${
            ids[0] ?? ""
          }, 'held')`;
          const begun = performance.now();
          await together((session) =>
            sql`
            insert into backfill_queue (vehicle_id, reason)
            values (${ids[session] ?? ""}, 'r')`.then(() => undefined)
          );
          const ms = performance.now() - begun;
          await held`rollback`;
          held.release();
          assert.ok(ms < 2_000, `${ms} ms`);
        },
      );
    } finally {
      await sql.end();
    }
  }));

/** Scores, states and marks are what the facts say: nothing to rescore. */
async function inSync(sql: postgres.Sql): Promise<void> {
  const [row] = await sql`select rescore_vehicles() as portion`;
  assert.equal(row?.portion.changed, 0, "a score, a state or a mark was left behind");
}
