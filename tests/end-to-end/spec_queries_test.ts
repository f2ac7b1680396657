/** Every SQL statement of three documents of the specification, run as written against seeded data. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Block, specExists, sqlBlocks } from "../support/spec.ts";
import { sql as connect, withStack } from "../support/stack.ts";
import { batChecks } from "./spec_queries_bat.ts";
import { type Check, run } from "./spec_queries_check.ts";
import { columnsOf, id, seed } from "./spec_queries_seed.ts";

/** The documented table, made in a schema of its own, against ours. */
async function hasItsColumns(tx: postgres.TransactionSql, statement: string, table: string) {
  await tx`create schema as_documented`;
  await tx`set local search_path = as_documented, public`;
  await tx.unsafe(statement);
  const documented = await columnsOf(tx, `as_documented.${table}`);
  const ours = await columnsOf(tx, `public.${table}`);
  assert.ok(Object.keys(documented).length > 5, "the document names columns");
  for (const [name, type] of Object.entries(documented)) assert.equal(ours[name], type, name);
}

const checks: Record<string, Check[]> = {
  "bat-backfill.md": batChecks,
  "micro-scrape-bandaid.md": [
    {
      words: "FROM vehicles_needing_micro_scrape",
      title: "the first 50 vehicles with gaps, lowest score first",
      async check(tx, statement) {
        const rows = await run(tx, statement);
        assert.equal(rows.length, 50);
        const scores = rows.map((row) => Number(row.overall_score));
        assert.deepEqual(scores, scores.toSorted((a, b) => a - b));
        assert.deepEqual([...new Set(scores)], [0], "60 vehicles know nothing");
        for (const row of rows) {
          assert.ok(row.missing_fields.includes("vin"));
          assert.ok(row.recommended_actions.length > 0);
        }
        const [of] = await tx`
          select count(*)::int as n, bool_or(vehicle_id = any (${[id("complete"), id("rests")]}))
            as has_done
          from vehicles_needing_micro_scrape`;
        assert.equal(of?.has_done, false, "neither complete nor exhausted ones");
      },
    },
    {
      words: "ORDER BY started_at DESC\nLIMIT 20",
      title: "the 20 newest runs, whatever became of them",
      async check(tx, statement) {
        const rows = await run(tx, statement);
        assert.equal(rows.length, 20);
        assert.deepEqual(Object.keys(rows[0] ?? {}), [
          "started_at",
          "vehicles_analyzed",
          "vehicles_improved",
          "vehicles_marked_complete",
          "actions_executed",
          "actions_succeeded",
          "actions_failed",
          "runtime_ms",
          "status",
        ]);
        const times = rows.map((row) => row.started_at.getTime());
        assert.deepEqual(times, times.toSorted((a, b) => b - a));
        assert.deepEqual(new Set(rows.map((row) => row.status)), new Set(["completed", "failed"]));
      },
    },
    {
      words: "SUM(vehicles_improved) as vehicles_improved",
      title: "a line a day of the last seven: completed runs, what they did, the rate of success",
      async check(tx, statement) {
        const rows = await run(tx, statement);
        assert.deepEqual(
          rows.map((row) => [
            row.runs,
            row.vehicles_improved,
            row.vehicles_completed,
            row.avg_runtime_ms,
            row.success_rate,
          ]),
          [["2", "7", "3", "1501", "70.0"], ["22", "0", "0", "100", null]],
          "today: 7 of 10 actions succeeded; yesterday none was executed, which is no rate",
        );
        assert.ok(rows[0]?.date > rows[1]?.date);
      },
    },
    {
      words: "WHERE v.id = 'your-vehicle-id'",
      title: "one vehicle with its score and its mark",
      async check(tx, statement) {
        const about = async (
          name: string,
        ) => [...await run(tx, statement.replace("your-vehicle-id", id(name)))];
        assert.deepEqual(await about("complete"), [{
          id: id("complete"),
          discovery_url: "https://bringatrailer.com/listing/complete/",
          overall_score: "85.0", // all but the sale price, for which no page vouches
          marked_complete: "true",
        }]);
        assert.equal((await about("missing_vin"))[0]?.marked_complete, null);
      },
    },
  ],
  "partial-scrape-retry.md": [
    {
      words: "as stored_urls",
      title: "vehicles with stored image URLs and no image, the newest first",
      async check(tx, statement) {
        const rows = await run(tx, statement);
        assert.deepEqual(rows.map((row) => row.id), [id("missing_images"), id("other_site")]);
        assert.deepEqual(
          rows.map((row) => [row.stored_image_count, row.actual_image_count, row.stored_urls]),
          [
            ["2", "0", ["https://i.example/1.jpg", "https://i.example/2.jpg"]],
            ["1", "0", ["https://i.example/3.jpg"]],
          ],
        );
      },
    },
    {
      words: "CREATE OR REPLACE VIEW scrape_failure_analysis",
      title: "the view is there, with exactly those columns, types and rows",
      async check(tx, statement) {
        const view = "public.scrape_failure_analysis";
        const ours = await columnsOf(tx, view);
        const rows = await tx`select * from scrape_failure_analysis`;
        await tx.unsafe(statement); // refused by Postgres where a column or type differs
        assert.deepEqual(Object.entries(await columnsOf(tx, view)), Object.entries(ours));
        assert.deepEqual([...rows], [...await tx`select * from scrape_failure_analysis`]);
        const kinds = Object.fromEntries(rows.map((row) => [row.vehicle_id, row.failure_type]));
        assert.deepEqual(kinds, {
          [id("missing_vin")]: "missing_vin",
          [id("missing_price")]: "missing_price",
          [id("missing_images")]: "missing_images",
        });
        assert.equal(
          rows.find((row) => row.vehicle_id === id("missing_vin"))?.actual_image_count,
          "1",
        );
      },
    },
    {
      words: "WHERE reason = 'scraper_improved'",
      title: "retries and their rate of success, a line a day",
      async check(tx, statement) {
        const rows = await run(tx, statement);
        assert.deepEqual(
          rows.map((row) => [row.total_retries, row.succeeded, row.failed, row.success_rate]),
          [["4", "2", "1", "50.00"], ["1", "1", "0", "100.00"]],
        );
        assert.ok(rows[0]?.date > rows[1]?.date);
      },
    },
    {
      words: "AND NOT EXISTS (",
      title: "the ids that retry-image-backfill is to be called with",
      async check(tx, statement) {
        const rows = await run(tx, statement);
        assert.deepEqual(
          new Set(rows.map((row) => row.id)),
          new Set([id("missing_images"), id("other_site")]),
        );
        assert.deepEqual(Object.keys(rows[0] ?? {}), ["id"]);
      },
    },
    {
      words: "CREATE TABLE scrape_steps",
      title: "the table has those columns, and takes those statuses",
      async check(tx, statement) {
        await hasItsColumns(tx, statement, "scrape_steps");
        const rows = await tx`
          insert into public.scrape_steps (vehicle_id, step_name, status, error_message, metadata)
          select ${id("missing_vin")}, step, status, 'why', '{"images": 3}'
          from unnest(array['extract_data', 'extract_images', 'backfill_images', 'extract_vin']) step,
            unnest(array['pending', 'success', 'failed', 'skipped']) status
          returning id, created_at, completed_at`;
        assert.equal(rows.length, 16);
        assert.ok(rows[0]?.created_at instanceof Date);
        assert.equal(rows[0]?.completed_at, null);
      },
    },
    {
      words: "CREATE TABLE scrape_retry_queue",
      title: "the table has those columns and defaults, and a row put into it by hand is worked",
      async check(tx, statement) {
        await hasItsColumns(tx, statement, "scrape_retry_queue");
        const rows = await tx`
          insert into public.scrape_retry_queue (vehicle_id, step_name)
          values (${id("missing_images")}, 'backfill_images')
          returning retry_count, max_retries, status`;
        assert.deepEqual([...rows], [{ retry_count: 0, max_retries: 3, status: "pending" }]);
        const [claim] = await tx`select public.claim_queue('scrape_retry_queue', 5) as rows`;
        assert.equal(claim?.rows.length, 1);
      },
    },
  ],
};

class RolledBack extends Error {}

/** Runs in a transaction that never commits. */
async function rolledBack(
  sql: postgres.Sql,
  use: (tx: postgres.TransactionSql) => Promise<void>,
): Promise<void> {
  await sql.begin(async (tx) => {
    await use(tx);
    throw new RolledBack();
  }).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
}

Deno.test({
  name: `the SQL of the specification gives what its text says${
    specExists ? "" : " (skipped: ../shared/spec is absent)"
  }`,
  ignore: !specExists,
  fn: (t) =>
    withStack({ cron: false }, async (stack) => {
      const sql = connect(stack, { max: 1 });
      try {
        await seed(sql);
        for (const [document, ofDocument] of Object.entries(checks)) {
          const blocks = sqlBlocks(document);
          for (const block of blocks) {
            const fitting = ofDocument.filter(({ words }) => block.text.includes(words));
            const name = `${document}:${block.line} ${fitting[0]?.title ?? ""}`;
            await t.step(name, async () => {
              assert.equal(fitting.length, 1, `one check is for this statement:\n${block.text}`);
              await rolledBack(sql, (tx) => (fitting[0] as Check).check(tx, block.text));
            });
          }
          await t.step(`${document}: no check is without its statement`, () => {
            for (const { words } of ofDocument) {
              assert.equal(countWith(blocks, words), 1, words);
            }
          });
        }
      } finally {
        await sql.end();
      }
    }),
});

function countWith(blocks: Block[], words: string): number {
  return blocks.filter(({ text }) => text.includes(words)).length;
}
