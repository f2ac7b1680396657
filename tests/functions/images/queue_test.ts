import assert from "node:assert/strict";
import postgres from "postgres";
import { startStack } from "../../../local/stack.ts";

const SESSIONS = 8;

/** A database of its own, and eight sessions on it. */
async function withSessions(test: (sql: postgres.Sql, sessions: postgres.Sql[]) => Promise<void>) {
  const stack = await startStack({ quiet: true, cron: false });
  const open = (max: number) => postgres(stack.dbUrl, { max, onnotice: () => {} });
  const sql = open(2);
  const sessions = Array.from({ length: SESSIONS }, () => open(1));
  try {
    await test(sql, sessions);
  } finally {
    await Promise.all([sql, ...sessions].map((one) => one.end()));
    await stack.stop();
  }
}

/** Vehicles with `urls` image URLs each; gives their ids. */
async function vehiclesWith(sql: postgres.Sql, vehicles: number, urls: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into vehicles (discovery_url, origin_metadata)
    select 'https://cars.example/' || gen_random_uuid(),
           jsonb_build_object('image_urls', (
             select jsonb_agg('https://img.example/' || gen_random_uuid() || '.jpg') from generate_series(1, ${urls})))
    from generate_series(1, ${vehicles})
    returning id`;
  return rows.map((row) => row.id);
}

interface Claimed {
  vehicle_id: string;
  url: string;
  lease_token: string;
}

const stored = (claimed: Claimed, hash: string) => ({
  ...claimed,
  kind: "stored",
  content_hash: hash,
  storage_path: `${hash.slice(0, 2)}/${hash}.jpg`,
  mime_type: "image/jpeg",
  bytes: 1,
  width: 60,
  height: 60,
});

const hashOf = (seed: number) => seed.toString(16).padStart(64, "0");

Deno.test("the image queue under eight sessions", async (t) => {
  await withSessions(async (sql, sessions) => {
    const claim = (session: postgres.Sql, limit: number, ids: string[] | null = null) =>
      session<
        Claimed[]
      >`select vehicle_id, url, lease_token from claim_image_downloads(${limit}, ${ids})`;
    const settle = (session: postgres.Sql, results: postgres.JSONValue) =>
      session<{ url: string; result: string }[]>`
        select url, result from settle_image_downloads(${session.json(results)})`;

    await t.step(
      "eight sessions that claim at once take every image once, and all of them",
      async () => {
        await vehiclesWith(sql, 40, 10);
        const taken = (await Promise.all(sessions.map(async (session) => {
          const mine: Claimed[] = [];
          for (let got = 1; got > 0;) {
            const claimed = await claim(session, 7);
            got = claimed.length;
            mine.push(...claimed);
          }
          return mine;
        }))).flat();
        assert.equal(taken.length, 400);
        assert.equal(new Set(taken.map((one) => `${one.vehicle_id} ${one.url}`)).size, 400);
        assert.equal(new Set(taken.map((one) => one.lease_token)).size, 400);
        await sql`delete from vehicles`;
      },
    );

    await t.step(
      "eight sessions that remember other URLs of one vehicle at once lose none",
      async () => {
        const [id = ""] = await vehiclesWith(sql, 1, 1);
        const url = (session: number, n: number) => `https://img.example/${session}-${n}.jpg`;
        await Promise.all(sessions.map(async (session, s) => {
          for (let n = 0; n < 10; n++) {
            await session`select * from remember_image_urls(${
              session.json([{ vehicle_id: id, urls: [url(s, n), url(s, n + 1)] }])
            })`;
          }
        }));
        const [row] = await sql<{ urls: string[]; count: number; downloads: number }[]>`
        select origin_metadata -> 'image_urls' as urls, (origin_metadata -> 'image_count')::int as count,
               (select count(*)::int from image_downloads where vehicle_id = ${id}) as downloads
        from vehicles where id = ${id}`;
        assert.equal(new Set(row?.urls).size, 1 + SESSIONS * 11);
        assert.deepEqual([row?.urls.length, row?.count, row?.downloads], [89, 89, 89]);
        await sql`delete from vehicles`;
      },
    );

    await t.step(
      "the same picture settled by eight sessions at once is stored once and primary once",
      async () => {
        const [id = ""] = await vehiclesWith(sql, 1, SESSIONS);
        const claimed = await claim(sql, SESSIONS, [id]);
        assert.equal(claimed.length, SESSIONS);
        const results = (await Promise.all(
          claimed.map((one, at) => settle(sessions[at] ?? sql, [stored(one, hashOf(1))])),
        )).flat();
        assert.deepEqual(results.map((one) => one.result).sort(), [
          ...Array(SESSIONS - 1).fill("duplicate"),
          "stored",
        ]);
        const images = await sql`select is_primary from vehicle_images where vehicle_id = ${id}`;
        assert.deepEqual([...images], [{ is_primary: true }]);
        await sql`delete from vehicles`;
      },
    );

    await t.step("eight sessions that settle other pictures leave one primary", async () => {
      const [id = ""] = await vehiclesWith(sql, 1, SESSIONS);
      const claimed = await claim(sql, SESSIONS, [id]);
      await Promise.all(
        claimed.map((one, at) => settle(sessions[at] ?? sql, [stored(one, hashOf(at + 10))])),
      );
      const [row] = await sql`
        select count(*)::int as images, count(*) filter (where is_primary)::int as primaries
        from vehicle_images where vehicle_id = ${id}`;
      assert.deepEqual(row, { images: SESSIONS, primaries: 1 });
      await sql`delete from vehicles`;
    });

    await t.step(
      "images are settled while the same vehicles are scraped, and nobody waits in a circle",
      async () => {
        const ids = await vehiclesWith(sql, 6, 24);
        await sql`select claim_micro_scrape(6, ${ids})`;
        const tokens = await sql<
          { vehicle_id: string; lease_token: string }[]
        >`select vehicle_id, lease_token from micro_scrape_state`;
        let seed = 1000;
        const work = sessions.map(async (session, s) => {
          if (s % 2 === 0) {
            for (let claimed = await claim(session, 6, ids); claimed.length > 0;) {
              const results = await settle(
                session,
                claimed.map((one) => stored(one, hashOf(seed++))),
              );
              assert.ok(results.every((one) => one.result === "stored"));
              claimed = await claim(session, 6, ids);
            }
            return;
          }
          for (let n = 0; n < 8; n++) {
            const queued = s === 1 && n === 0;
            const items = ids.map((id) => ({
              vehicle_id: id,
              source_url: "https://cars.example/",
              outcome: "ok",
              images: [`https://img.example/new-${s}-${n}.jpg`],
              facts: {
                mileage: {
                  value: 1000 + n,
                  confidence: 0.9,
                  evidence: "Odometer",
                  way: "labelled",
                },
              },
              ...(queued
                ? {
                  request: {
                    queue: "micro_scrape_state",
                    lease_token: tokens.find((one) => one.vehicle_id === id)?.lease_token,
                  },
                }
                : {}),
            }));
            const [answer] = await session<{ results: { outcome: string; error?: string }[] }[]>`
              select apply_extractions(${session.json(items)}) as results`;
            for (const result of answer?.results ?? []) {
              assert.equal(result.outcome, "ok", result.error);
            }
          }
        });
        await Promise.all(work);
        const [left] = await sql`
          select count(*) filter (where status = 'leased')::int as leased,
                 count(*) filter (where status = 'stored')::int as stored
          from image_downloads`;
        const [images] = await sql`select count(*)::int as count from vehicle_images`;
        assert.deepEqual(left, { leased: 0, stored: images?.count });
        assert.ok(images?.count >= 6 * 24);
      },
    );
  });
});
