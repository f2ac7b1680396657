/** Vehicles of one car, merged into each other at random and taken back in any order, are as they were. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type postgres from "postgres";
import { sql as connect, withStack } from "../support/stack.ts";

interface Made {
  host: string;
  pageAt: number;
  facts: Record<string, { value: unknown; confidence: number }>;
  byHand: Record<string, string | null>;
  urls: number[];
  stored: number[];
  endsAt: number | null;
  isQueued: boolean;
  hasEnded: boolean;
}

type Step = { kind: "merge" | "unmerge"; a: number; b: number };

const fact = (values: unknown[]) =>
  fc.record({
    value: fc.constantFrom(...values),
    confidence: fc.constantFrom(0.5, 0.7, 0.8, 0.9, 0.95),
  });

const made: fc.Arbitrary<Made> = fc.record({
  host: fc.constantFrom("a.example", "b.example", "bringatrailer.com"),
  pageAt: fc.integer({ min: 1, max: 9 }),
  facts: fc.record({
    vin: fc.constant({ value: "WBSBA91070AE84214", confidence: 0.9 }),
    year: fact([2001]),
    color: fact(["Red", "red ", "Blue"]),
    engine: fact(["S50", "S54"]),
    mileage: fact([90000, 95000]),
    description: fact(["a fine car", "a fast car"]),
    sale_price: fact([1000, 2000]),
    currency: fact(["USD", "EUR"]),
    asking_price: fact([3000, 4000]),
  }, { requiredKeys: ["vin"] }),
  byHand: fc.record({
    color: fc.constantFrom("Green", "Red", null),
    engine: fc.constantFrom("V8", "S54", null),
    trim: fc.constantFrom("Sport", null),
  }, { requiredKeys: [] }),
  urls: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
  stored: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
  endsAt: fc.option(fc.integer({ min: 1, max: 9 })),
  isQueued: fc.boolean(),
  hasEnded: fc.boolean(),
});

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom("merge", "merge", "unmerge"),
    a: fc.nat({ max: 4 }),
    b: fc.nat({ max: 4 }),
  }),
  { minLength: 2, maxLength: 8 },
);

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString();

/** Puts the vehicle there, has a page read of it, and a person change it. */
async function make(sql: postgres.TransactionSql, n: number, one: Made): Promise<void> {
  const url = `https://${one.host}/listing/${n}`;
  await sql`insert into vehicles (id, discovery_url) values (${id(n)}, ${url})`;
  const facts = Object.entries(one.facts).map(([name, { value, confidence }]) =>
    [name, { value, confidence, evidence: `page ${n}` }] as const
  );
  const stored = (picture: number) => ({
    ...{ url: `https://i.example/${picture}.jpg`, kind: "stored", mime_type: "image/jpeg" },
    content_hash: `${picture % 3}`.repeat(64), // different addresses of one picture
    storage_path: `${`${picture % 3}`.repeat(64)}.jpg`,
    ...{ bytes: 9, width: 300, height: 200 },
  });
  const [row] = await sql<{ result: { outcome: string; error: string | null } }[]>`
    select apply_extractions(${
    sql.json([{
      ...{ vehicle_id: id(n), source_url: url, outcome: "ok", method: one.host },
      ...{ scraper_version: "v1.0.0", page_at: day(one.pageAt), extraction_hash: "h" },
      images: one.urls.map((picture) => `https://i.example/${picture}.jpg`),
      image_results: one.stored.map(stored),
      facts: Object.fromEntries(facts),
      ...one.endsAt === null ? {} : {
        auction: { outcome: "sold", sale_price: 1000 * n, ends_at: day(one.endsAt) },
        ...{ bids: [], comments: [{ source_id: "1", body: "nice" }] },
      },
    }] as postgres.JSONValue)
  }) -> 0 as result`;
  assert.equal(row?.result.outcome, "ok", row?.result.error ?? "");
  for (const [field, value] of Object.entries(one.byHand)) {
    await sql`update vehicles set ${sql(field)} = ${value} where id = ${id(n)}`;
  }
  if (one.hasEnded) await sql`update vehicles set listing_ended_at = now() where id = ${id(n)}`;
  if (one.isQueued) {
    await sql`
      insert into import_queue (listing_url, status, vehicle_id) values (${url}, 'complete', ${
      id(n)
    })`;
  }
}

/** All that a merge could change, but for when rows were touched. */
async function state(sql: postgres.TransactionSql): Promise<string[]> {
  const rows = await sql<{ row: string }[]>`
    select what || ' ' || row::text as row from (
      select 'vehicle' as what, to_jsonb(v) - 'updated_at' as row from vehicles v
      union all select 'provenance', to_jsonb(m) from extraction_metadata m
      union all select 'auction', to_jsonb(e) - 'updated_at' from auction_events e
      union all select 'comment', to_jsonb(c) from auction_comments c
      union all select 'image', to_jsonb(i) from vehicle_images i
      union all select 'download', to_jsonb(d) from image_downloads d
      union all select 'step', to_jsonb(s) from scrape_steps s
      union all select 'import', jsonb_build_array(q.canonical_url, q.vehicle_id) from import_queue q
      union all select 'listing', jsonb_build_array(l.canonical_url, l.vehicle_id) from vehicle_listings l
      union all select 'score', to_jsonb(q) - array['created_at', 'updated_at'] from vehicle_quality_scores q
      union all select 'address', to_jsonb(r) from remembered_addresses r
    ) s order by 1`;
  return rows.map(({ row }) => row);
}

/** Merges and takes back as the steps say, then takes back what is left; says what was refused. */
async function mergeAndTakeBack(sql: postgres.TransactionSql, plan: Step[], count: number) {
  const into = new Map<number, number>();
  const isHere = (n: number) => !into.has(n);
  const unmerge = async (n: number) => {
    const kept = into.get(n);
    assert.ok(kept !== undefined);
    if (isHere(kept)) {
      await sql`select unmerge_vehicle(${id(n)})`;
      into.delete(n);
      return;
    }
    const refusal = await sql.savepoint((inner) => inner`select unmerge_vehicle(${id(n)})`)
      .then(() => null, (error: postgres.PostgresError) => error);
    let outermost = kept; // the last of the chain that went into one that is here
    for (let next = into.get(outermost); next !== undefined && !isHere(next);) {
      outermost = next;
      next = into.get(outermost);
    }
    assert.match(refusal?.hint ?? "", new RegExp(`unmerge_vehicle\\('${id(outermost)}'\\)`));
  };
  for (const { kind, a, b } of plan) {
    const [other, kept] = [a % count, b % count];
    if (kind === "unmerge" && !isHere(other)) await unmerge(other);
    if (kind === "merge" && other !== kept && isHere(other) && isHere(kept)) {
      await sql`select merge_vehicles(${id(kept)}, ${id(other)})`;
      into.set(other, kept);
    }
  }
  for (let round = 0; into.size > 0; round++) {
    const left = [...into.keys()].filter((n) => isHere(into.get(n) ?? -1));
    await unmerge(left[(round * 7 + plan.length) % left.length] ?? -1);
  }
}

Deno.test("merges taken back in any order", (t) =>
  withStack({ cron: false }, async (stack) => {
    const sql = connect(stack, { max: 1 });
    try {
      for (const seed of [11, 12, 13]) {
        await t.step(`leave every vehicle as it was, with seed ${seed}`, () =>
          fc.assert(
            fc.asyncProperty(
              fc.array(made, { minLength: 3, maxLength: 5 }),
              steps,
              async (vehicles, plan) => {
                const rolledBack = new Error("rolled back");
                await sql.begin(async (tx) => {
                  for (const [n, one] of vehicles.entries()) await make(tx, n, one);
                  const before = await state(tx);
                  await mergeAndTakeBack(tx, plan, vehicles.length);
                  assert.deepEqual(await state(tx), before);
                  throw rolledBack;
                }).catch((error) => {
                  if (error !== rolledBack) throw error;
                });
              },
            ),
            { seed, numRuns: 8, endOnFailure: Deno.env.get("SHRINK") === undefined },
          ));
      }
    } finally {
      await sql.end();
    }
  }));
