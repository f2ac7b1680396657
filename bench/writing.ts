/** Writing what was read: batches of 20 auctions through apply_extractions. */
import postgres from "postgres";
import { startStack } from "../local/stack.ts";
import { explain } from "./explain.ts";
import type { Figure } from "./figure.ts";
import { fill } from "./fill.ts";
import { BIDS, COMMENTS, IMAGES, reading } from "./items.ts";
import { quantile } from "./statistics.ts";

const BATCH = 20;

export const writing: Figure = {
  name: "writing",
  about: "writing batches of 20 auctions, against a statement a value",
  async run(bench) {
    const batches = bench.quick ? 5 : 25;
    const stack = await startStack({ quiet: true, cron: false });
    const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
    try {
      await fill(sql, 0, bench.quick ? 1_000 : 20_000, bench.say);
      bench.say(`${batches} batches of ${BATCH}`);
      const samples: number[] = [];
      for (let n = 0; n <= batches; n++) {
        const items = await claimed(sql, n * BATCH);
        const start = performance.now();
        const [{ outcome } = {}] = await sql<{ outcome: string }[]>`
          select string_agg(distinct r ->> 'outcome', ', ') as outcome
          from jsonb_array_elements(apply_extractions(${sql.json(items)})) r`;
        if (n > 0) samples.push((performance.now() - start) / BATCH); // the first one warms
        if (outcome !== "ok") throw new Error(`a batch was ${outcome}`);
      }
      bench.say("a few vehicles, a statement a value");
      const naive = await naiveWrite(sql, bench.quick ? 3 : 10);
      if (bench.explain) {
        const items = await claimed(sql, 1_000_000);
        const statement = `select apply_extractions('${
          JSON.stringify(items.slice(0, 1)).replaceAll("'", "''")
        }')`;
        bench.say(await explain(stack.adminDbUrl, statement));
      }
      return [{
        what: "writing one auction, in a batch of 20, median",
        value: quantile(samples, 0.5),
        unit: "ms",
        better: "less",
        baseline: { name: "the same connection, a statement a value", value: naive },
        note:
          `An auction here is 18 facts, ${BIDS} bids, ${COMMENTS} comments and ${IMAGES} image URLs: ` +
          "merged, with provenance, scored, its lease settled. The naive way only inserts and updates.",
      }];
    } finally {
      await sql.end();
      await stack.stop();
    }
  },
};

/** Readings of the next 20 vehicles to look at. */
async function claimed(sql: postgres.Sql, from: number) {
  const rows = await sql<{ id: string; url: string; token: string }[]>`
    select w ->> 'vehicle_id' as id, w ->> 'source_url' as url, w ->> 'lease_token' as token
    from jsonb_array_elements(claim_micro_scrape(${BATCH})) w`;
  return rows.map((row, index) => reading(row, from + index));
}

/** Milliseconds a vehicle. */
async function naiveWrite(sql: postgres.Sql, vehicles: number): Promise<number> {
  const items = (await claimed(sql, 2_000_000)).slice(0, vehicles);
  const start = performance.now();
  for (const item of items) {
    for (const [field, { value }] of Object.entries(item.facts)) {
      await sql`update vehicles set ${sql({ [field]: value })} where id = ${item.vehicle_id}`;
    }
    const [event] = await sql<{ id: string }[]>`
      insert into auction_events ${
      sql({
        vehicle_id: item.vehicle_id,
        source_url: item.source_url.replace(/\/$/, ""),
        outcome: item.auction.outcome,
        sale_price: item.auction.sale_price,
      })
    } returning id`;
    const auction_event_id = event?.id ?? "";
    for (const bid of item.bids) {
      await sql`insert into auction_bids ${sql({ auction_event_id, ...bid })}`;
    }
    for (const comment of item.comments) {
      await sql`insert into auction_comments ${sql({ auction_event_id, ...comment })}`;
    }
    for (const [position, url] of item.images.entries()) {
      await sql`insert into image_downloads ${
        sql({ vehicle_id: item.vehicle_id, url, position, wave: 3 })
      }`;
    }
  }
  return (performance.now() - start) / items.length;
}
