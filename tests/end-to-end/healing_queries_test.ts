/** Every SQL statement of the specification of self-healing data quality, run as written. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { forget } from "../../demo/driver/forget.ts";
import { type KslWorld, startKslWorld } from "../support/ksl_world.ts";
import { commandsOf, specExists, sqlBlocks } from "../support/spec.ts";

const DOCUMENT = "self-healing-data-quality.md";
const VEHICLE = "27cbe9de-8dba-4025-a830-af8b37d3069e";

type Rows = postgres.Row[];
interface Check {
  words: string;
  title: string;
  /** `all`: of each statement of the block; `rows`: of the last one. */
  check(rows: Rows, world: KslWorld, tx: postgres.TransactionSql, all: Rows[]): unknown;
}

/** One line a block of the document, by words that only it has. */
const CHECKS: Check[] = [
  {
    words: "Which KSL vehicles are incomplete?",
    title: "the vehicles under 60, the lowest first",
    check(rows) {
      assert.equal(rows.length, 4);
      const scores = rows.map((row) => Number(row.overall_score));
      assert.deepEqual(scores, scores.toSorted((a, b) => a - b));
      assert.ok(scores.every((score) => score < 60));
      assert.ok(rows[0]?.issues.includes("missing vin"));
    },
  },
  {
    words: "INSERT INTO backfill_queue",
    title: "queues them",
    async check(_rows, _world, tx) {
      const [queued] = await tx`
        select count(*)::int as count, min(source_url) as url
        from backfill_queue where status = 'pending' and reason = 'low_quality_score'`;
      assert.equal(queued?.count, 4);
      assert.match(queued?.url, /cars\.ksl\.com/);
    },
  },
  {
    words: "SELECT * FROM backfill_dashboard",
    title: "status, reason, count and quality",
    check(rows) {
      assert.deepEqual(Object.keys(rows[0] ?? {}), [
        "status",
        "reason",
        "count",
        "avg_quality_score",
      ]);
      assert.deepEqual(
        rows.map(({ status, reason, count }) => [status, reason, Number(count)]),
        [["completed", "scraper_improved", 45], ["failed", "low_quality_score", 1], [
          "pending",
          "scraper_improved",
          2,
        ]],
      );
    },
  },
  {
    words: "FROM get_extraction_history",
    title: "each value that was read, with method, confidence and time",
    check(rows) {
      assert.deepEqual(Object.keys(rows[0] ?? {}).slice(0, 5), [
        "field_name",
        "field_value",
        "extraction_method",
        "confidence_score",
        "extracted_at",
      ]);
      assert.ok(rows.some((row) => row.field_name === "vin" && row.field_value.length > 0));
    },
  },
  {
    words: "low_confidence_extractions LIMIT 20",
    title: "what is held with confidence under 0.6",
    check(rows) {
      assert.equal(rows.length, 20);
      assert.ok(rows.every((row) => Number(row.confidence_score) < 0.6));
    },
  },
  {
    words: "cron.schedule(",
    title: "the job of its name is scheduled, seen and its runs listed",
    check(_rows, _world, _tx, [, jobs = []]) {
      const job = jobs.filter((row) => row.jobname === "process-backfill-queue");
      assert.equal(job.length, 1, "it takes the place of ours");
      assert.equal(job[0]?.schedule, "*/5 * * * *");
    },
  },
  {
    words: "SELECT * FROM low_confidence_extractions;",
    title: "all of them",
    check: (rows) => assert.equal(rows.length, 30),
  },
  {
    words: "SELECT * FROM backfill_queue WHERE status = 'failed'",
    title: "the backfill that failed, and why",
    check(rows) {
      assert.deepEqual(rows.map((row) => row.outcome_code), ["gone"]);
      assert.match(rows[0]?.error_message, /404/);
    },
  },
  {
    words: "Vehicles improved after backfill",
    title: "vehicles of the last 24 hours, the best first",
    check(rows) {
      assert.equal(rows.length, 45);
      const scores = rows.map((row) => Number(row.overall_score));
      assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
    },
  },
  {
    words: "SELECT COUNT(*) FROM vehicles",
    title: "the vehicles of the source",
    check: (rows) => assert.equal(Number(rows[0]?.count), 60),
  },
  {
    words: "SELECT error_message FROM backfill_queue",
    title: "the reason",
    check: (rows) => assert.match(rows[0]?.error_message, /404/),
  },
  {
    words: "SELECT changes_detected FROM backfill_queue",
    title: "what changed of one vehicle",
    check(rows, { site, urls }) {
      const vin = site.truth(urls[20] ?? "")?.facts.vin;
      assert.deepEqual([...rows], [{ changes_detected: { vin: { old: null, new: vin } } }]);
    },
  },
  {
    words: "Average quality score trend",
    title: "a line a day",
    check(rows) {
      assert.equal(rows.length, 1);
      assert.ok(Number(rows[0]?.avg_score) > 70, rows[0]?.avg_score);
      assert.ok(Number(rows[0]?.excellent_count) > 40);
    },
  },
];

Deno.test({
  name: "every statement of self-healing data quality runs as written" +
    (specExists ? "" : " (the specification is not here)"),
  ignore: !specExists,
  async fn(t) {
    const world = await startKslWorld();
    const { sql, site, post, urls, ids } = world;
    try {
      // The vehicle of the document is one of the 47; two wait; a listing was removed.
      await sql`delete from vehicles where id = ${ids[20] ?? ""}`;
      await sql`insert into vehicles (id, discovery_url) values (${VEHICLE}, ${urls[20] ?? ""})`;
      await post("scrape-vehicle", { vehicle_id: VEHICLE });
      await forget(sql, [VEHICLE], "vin");
      await post("process-backfill-queue", { sync_only: true });
      await sql`select register_scraper_version('ksl_scraper', 'v3.2.1', '{vin}', 1)`;
      // The two that wait are none of those that the checks look at.
      await sql`
        update backfill_queue set next_attempt_at = now() + interval '1 hour'
        where id in (
          select id from backfill_queue where vehicle_id <> ${VEHICLE} order by id limit 2)`;
      const first = await post("process-backfill-queue", { batch_size: 100 });
      assert.equal(first.body.completed, 45, JSON.stringify(first.body).slice(0, 500));
      site.setFault(urls[0] ?? "", { kind: "gone", status: 404 });
      await sql`
        insert into backfill_queue (vehicle_id, reason) values (${
        ids[0] ?? ""
      }, 'low_quality_score')`;
      const failed = await post("process-backfill-queue", {});
      assert.equal(failed.body.failed, 1);
      for (const field of ["vin", "description", "asking_price", "model"]) {
        await forget(sql, ids.slice(1, 5), field);
      }

      const blocks = sqlBlocks(DOCUMENT);
      for (const { line, text } of blocks) {
        const found = CHECKS.filter(({ words }) => text.includes(words));
        await t.step(
          `line ${line}: ${found[0]?.title ?? "a statement that no check knows"}`,
          async () => {
            assert.equal(found.length, 1, `one check knows the statement: ${text}`);
            await sql.begin(async (tx) => {
              const all = await tx.unsafe(text.replace("YOUR_PROJECT", "project"));
              // Of several statements the driver gives a list of results.
              const lists = Array.isArray(all[0]) ? all as unknown as Rows[] : [[...all]];
              await found[0]?.check(lists.at(-1) ?? [], world, tx, lists);
              throw new Error("taken back");
            }).catch((error) => {
              if (error.message !== "taken back") throw error;
            });
          },
        );
      }

      await t.step("each check has its statement", () => {
        for (const { words } of CHECKS) {
          assert.ok(blocks.some(({ text }) => text.includes(words)), words);
        }
      });

      await t.step("each command is one of the CLI, or a script that is here", () => {
        for (const command of commandsOf(DOCUMENT)) {
          const script = /^node (scripts\/\S+)/.exec(command)?.[1];
          const known = script !== undefined
            ? Deno.statSync(new URL(`../../${script}`, import.meta.url)).isFile
            : /^npx supabase (db push|functions (deploy|invoke) [a-z-]+|db push)/.test(command);
          assert.ok(known, command);
          const deployed = /functions (?:deploy|invoke) ([a-z-]+)/.exec(command)?.[1];
          if (deployed !== undefined) {
            Deno.statSync(
              new URL(`../../supabase/functions/${deployed}/index.ts`, import.meta.url),
            );
          }
        }
      });
    } finally {
      await world.close();
    }
  },
});
