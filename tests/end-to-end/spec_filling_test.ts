/** The SQL, the schedule and the reports of the specification of the fill agent, as written. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { blocksOf, specExists, sqlBlocks, textOf } from "../support/spec.ts";
import { sql as connect, withStack } from "../support/stack.ts";
import { columnsOf } from "./spec_queries_seed.ts";

const SENTENCES = new URL("spec_filling_sentences.md", import.meta.url);
const DOCUMENT = "database-fill-agent.md";
const TABLES = ["fill_cycles", "source_health", "quality_metrics"];
const EXAMPLE_DAY = "2025-12-24";

/** `numeric` of numeric(5,4): the document gives no precision. */
const withoutPrecision = (type: string | undefined) => type?.replace(/\(.*\)/, "");

async function hasDocumentedColumns(sql: postgres.Sql, table: string) {
  const documented = await columnsOf(sql, `as_documented.${table}`);
  const ours = await columnsOf(sql, `public.${table}`);
  assert.ok(Object.keys(documented).length > 5, "the document names columns");
  for (const [name, type] of Object.entries(documented)) {
    assert.equal(withoutPrecision(ours[name]), type, `${table}.${name}`);
  }
}

/** The keys and values of the document's n-th JSON, in their order. */
function example(n: number): Record<string, unknown> {
  const block = blocksOf(DOCUMENT, "json")[n];
  if (block === undefined) throw new Error(`the document has no ${n + 1}th JSON`);
  return JSON.parse(block.text);
}

/** The twelve cycles of the document's day, of which the one at 18:00 is its example. */
async function seedDay(
  sql: postgres.Sql,
  cycle: Record<string, unknown>,
  day: Record<string, unknown>,
) {
  const rest = {
    added: Number(day.vehicles_added) - Number(cycle.vehicles_added),
    queued: Number(day.vehicles_queued) - Number(cycle.vehicles_queued),
    found: Number(day.sources_discovered) - Number(cycle.sources_discovered),
  };
  await sql`
    insert into fill_cycles (cycle_id, slot, started_at, completed_at, status, target, vehicles_added,
      vehicles_queued, on_target, data_quality_score, sources_active, sources_discovered)
    values (${String(cycle.cycle_id)}, '2025-12-24T18:00:00Z', ${String(cycle.started_at)},
      ${String(cycle.completed_at)}, 'completed', ${Number(cycle.target)}, ${
    Number(cycle.vehicles_added)
  },
      ${Number(cycle.vehicles_queued)}, true, ${Number(cycle.data_quality)}, ${
    Number(cycle.sources_active)
  },
      ${Number(cycle.sources_discovered)})`;
  // Eleven more, one of them below its target, which together make the day.
  await sql`
    insert into fill_cycles (cycle_id, slot, completed_at, status, target, vehicles_added, vehicles_queued,
      on_target, data_quality_score, sources_active, sources_discovered)
    select 'cycle ' || n, slot, slot + interval '15 minutes', 'completed', 2000,
      case n when 1 then 1900 when 2 then ${rest.added - 1900 - 9 * 2200} else 2200 end,
      case n when 1 then ${rest.queued} else 0 end,
      n <> 1, 0.91, 15, case n when 1 then ${rest.found} else 0 end
    from (
      select slot, row_number() over (order by slot) as n
      from generate_series('2025-12-24T00:00:00Z'::timestamptz, '2025-12-24T22:00:00Z', '2 hours') slot
      where slot <> '2025-12-24T18:00:00Z'
    ) s`;
}

Deno.test({
  name: `the fill agent's specification holds as written${
    specExists ? "" : " (skipped: ../shared/spec is absent)"
  }`,
  ignore: !specExists,
  fn: (t) =>
    withStack({ cron: false }, async (stack) => {
      const sql = connect(stack, { max: 1 });
      try {
        await t.step("its tables are there, with their columns", async () => {
          const [block, ...others] = sqlBlocks(DOCUMENT);
          assert.deepEqual(others, [], "one block of SQL");
          await sql`create schema as_documented`;
          await sql`set search_path = as_documented, public`;
          await sql.unsafe(block?.text ?? "");
          await sql`reset search_path`;
          for (const table of TABLES) await hasDocumentedColumns(sql, table);
        });

        await t.step("its schedule is a job, and its function is there", async () => {
          const [yaml] = blocksOf(DOCUMENT, "yaml");
          const schedule = yaml?.text.match(/schedule: "(.*)"/)?.[1];
          const [job] = await sql`
            select schedule, active from cron.job where jobname = 'database-fill-agent'`;
          assert.deepEqual({ ...job }, { schedule, active: true });
          const { ok, status } = await fetch(`${stack.url}/functions/v1/database-fill-agent`, {
            method: "POST",
            headers: { apikey: stack.keys.secret, "Content-Type": "application/json" },
            body: JSON.stringify({ dry_run: true }),
          });
          assert.ok(ok, `answered ${status}`);
        });

        await t.step("its reports have its keys, in its order, with its numbers", async () => {
          const [cycle, day] = [example(0), example(1)];
          await seedDay(sql, cycle, day);
          const [row] = await sql`
            select fill_cycle_report(${String(cycle.cycle_id)})::text as cycle,
              fill_daily_report(${EXAMPLE_DAY})::text as day`;
          assert.deepEqual(Object.entries(JSON.parse(row?.cycle)), Object.entries(cycle));
          assert.deepEqual(Object.entries(JSON.parse(row?.day)), Object.entries(day));
        });
      } finally {
        await sql.end();
      }
    }),
});

/** The rows of our table: what the document says, and what shows it. */
function sentences(): { says: string; seen: string[] }[] {
  return Deno.readTextFileSync(SENTENCES).split("\n")
    .filter((line) => line.startsWith("| ")).slice(1)
    .map((line) => {
      const [says = "", where = "", seen = ""] = line.slice(2, -2).split(" | ");
      assert.notEqual(where.trim(), "", `says where: ${says}`);
      return { says, seen: [...seen.matchAll(/\]\(([^)]+)\)/g)].map((link) => link[1] ?? "") };
    });
}

Deno.test({
  name: `every sentence of the fill agent's specification has its place${
    specExists ? "" : " (skipped: ../shared/spec is absent)"
  }`,
  ignore: !specExists,
  async fn(t) {
    await t.step("each line that says something is in the table, in order, and no other", () => {
      // What stands in these fences is run above.
      const prose = textOf(DOCUMENT).replace(/^```(?:sql|json|yaml)\n[\s\S]*?^```/gm, "");
      const lines = prose.split("\n").map((line) => line.trim())
        .filter((line) => line !== "" && !/^(?:#+ |---|```)/.test(line));
      assert.deepEqual(sentences().map(({ says }) => says), lines);
    });
    await t.step("what shows it is there", () => {
      for (const path of new Set(sentences().flatMap(({ seen }) => seen))) {
        assert.ok(Deno.statSync(new URL(path, SENTENCES)), path);
      }
    });
  },
});
