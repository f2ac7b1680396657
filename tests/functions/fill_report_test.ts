/** What a day and a cycle of the agent came to, as an operator sees it. */
import assert from "node:assert/strict";
import { node } from "../support/node.ts";
import { sql as connect, withStack } from "../support/stack.ts";

const REPORT = "scripts/fill-report.js";
const DAY = "2026-03-02";

Deno.test("fill-report", (t) =>
  withStack({ cron: false }, async (stack) => {
    const sql = connect(stack, { max: 1 });
    const report = (...args: string[]) => node(stack, [REPORT, ...args]);
    try {
      await sql`
        insert into fill_cycles (cycle_id, slot, started_at, completed_at, status, target, vehicles_added,
          vehicles_queued, on_target, data_quality_score, sources_active, sources_discovered, verdict,
          next_actions)
        values
          ('one', '2026-03-02T18:00:00Z', '2026-03-02T18:00:00Z', '2026-03-02T20:00:00Z', 'completed',
            2000, 2150, 3500, true, 0.92, 15, 2, null, '{}'),
          ('two', '2026-03-02T20:00:00Z', '2026-03-02T20:00:00Z', '2026-03-02T22:00:00Z', 'completed',
            2000, 1200, 100, false, 0.88, 15, 0, 'supply_limited', '{"add a source"}')`;
      await sql`
        insert into quality_metrics (cycle_id, field_name, completeness, sample_size, issues)
        values ('two', 'vin', 0.61, 1200, '{"468 of 1200 vehicles lack it"}')`;
      await sql`
        with source as (
          insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version)
          values ('small_dealer', 'A small dealer', 'dealer', '{dealer.example}', 'general', 'v1.0.0')
          returning id
        )
        insert into source_health (cycle_id, source_id, status, why)
        select 'two', id, 'degraded', '60 of 100 readings work, usually 95' from source`;
      await sql`
        insert into fill_decisions (cycle_id, lever, subject, from_value, to_value, reason)
        values ('two', 'workers', null, '2', '4', 'the workers were behind')`;

      await t.step("--json prints the report of a day with its keys in their order", async () => {
        const { stdout, code } = await report("--date", DAY, "--json");
        assert.deepEqual(Object.entries(JSON.parse(stdout)), [
          ["date", DAY],
          ["vehicles_added", 3350],
          ["vehicles_queued", 3600],
          ["cycles_completed", 2],
          ["cycles_on_target", 1],
          ["avg_quality", 0.91],
          ["sources_active", 15],
          ["sources_discovered", 2],
          ["status", "BELOW_TARGET"],
        ]);
        assert.equal(code, 3, "a missed target is an exit code of its own");
      });

      await t.step("--json prints the report of a cycle with its keys in their order", async () => {
        const { stdout, code } = await report("--cycle", "one", "--json");
        assert.deepEqual(Object.entries(JSON.parse(stdout)), [
          ["cycle_id", "one"],
          ["started_at", "2026-03-02T18:00:00Z"],
          ["completed_at", "2026-03-02T20:00:00Z"],
          ["vehicles_added", 2150],
          ["vehicles_queued", 3500],
          ["total_progress", 5650],
          ["target", 2000],
          ["on_target", true],
          ["data_quality", 0.92],
          ["sources_active", 15],
          ["sources_discovered", 2],
          ["next_cycle", "2026-03-02T20:00:00Z"],
        ]);
        assert.equal(code, 0);
      });

      await t.step("a day is shown cycle by cycle", async () => {
        const { stdout } = await report("--date", DAY);
        assert.match(
          stdout,
          /^2026-03-02: BELOW_TARGET\n {2}3,350 vehicles added, 3,600 listings queued/,
        );
        assert.match(stdout, /2 cycles completed, 1 on target/);
        assert.match(stdout, /18:00 +one +completed +2150 +2000 +3500 +0\.92 +yes\n/);
        assert.match(stdout, /20:00 +two .* no +supply_limited/);
      });

      await t.step("a cycle is shown with what is not well and what was decided", async () => {
        const { stdout, code } = await report("--cycle", "latest");
        assert.equal(code, 3);
        assert.match(stdout, /^cycle_id +two\n/);
        assert.match(stdout, /verdict +supply_limited\nnext +add a source/);
        assert.match(stdout, /vin +0\.61 +1200 +0 +468 of 1200 vehicles lack it/);
        assert.match(stdout, /small_dealer +degraded +60 of 100 readings work, usually 95/);
        assert.match(stdout, /workers +2 +4 +the workers were behind/);
      });

      await t.step("a day without cycles is said to be one", async () => {
        const { stdout, code } = await report("--date", "2020-01-01");
        assert.equal(stdout, "2020-01-01: no cycle was run.\n");
        assert.equal(code, 0);
      });

      await t.step("an unknown cycle is refused by name", async () => {
        const { stderr, code } = await report("--cycle", "never");
        assert.match(stderr, /^error: no cycle has the id "never"; select cycle_id/);
        assert.equal(code, 1);
      });

      for (
        const [args, words] of [
          [["--date", "2026-02-30"], "a day such as 2026-11-28"],
          [["--date", "yesterday"], "a day such as 2026-11-28"],
          [["--date", DAY, "--cycle", "one"], "exclude each other"],
        ] as const
      ) {
        await t.step(`${args.join(" ")} is a mistake in the options`, async () => {
          const { stderr, code } = await report(...args);
          assert.match(stderr, new RegExp(words));
          assert.equal(code, 2);
        });
      }
    } finally {
      await sql.end();
    }
  }));
