/** A field that fell is found, read again, and held again. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { KSL, startKslWorld } from "../support/ksl_world.ts";

const CYCLE = "fill-2026-03-02T08:00Z";

/** Portion by portion, as the agent does. */
async function measure(sql: postgres.Sql): Promise<Record<string, unknown>> {
  let cursor: postgres.JSONValue = null;
  for (;;) {
    const [row]: postgres.Row[] = await sql`select measure_fill_quality(${CYCLE}, ${
      sql.json(cursor)
    }) as answer`;
    if (row?.answer.done) return row.answer;
    cursor = row?.answer.cursor;
  }
}

Deno.test("what became worse at a site is read again, and measured again", async (t) => {
  const world = await startKslWorld();
  const { sql, post, urls, lacking, notStated, site } = world;
  const vin = async () => {
    const [row] = await sql`
      select completeness::float, issues from quality_metrics
      where cycle_id = ${CYCLE} and field_name = 'vin'`;
    return row;
  };
  const health = async () => {
    const [row] = await sql`
      select h.* from source_health h join scrape_sources s on s.id = h.source_id
      where h.cycle_id = ${CYCLE} and ${KSL} = any (s.hosts)`;
    return row;
  };
  /** All that happened so far happened in the slot. */
  const moveToSlot = async () => {
    await sql`update vehicles set created_at = '2026-03-02T08:30:00Z'`;
    await sql`update scraping_health set created_at = '2026-03-02T08:30:00Z'`;
    await sql`update scrape_steps set created_at = '2026-03-02T08:30:00Z'`;
  };
  try {
    await post("process-backfill-queue", { sync_only: true }); // the registry of sources
    await sql`update fill_policy set galleries = 'none'`;
    // Twelve cycles before this one nearly all of its vehicles held a VIN.
    await sql`
      insert into fill_cycles (cycle_id, slot, target, status, completed_at)
      select private.fill_cycle_id(slot), slot, 2000, 'completed', slot + interval '2 hours'
      from generate_series('2026-03-01T08:00:00Z'::timestamptz, '2026-03-02T08:00:00Z', '2 hours') slot`;
    await sql`
      insert into source_health (source_id, cycle_id, vehicles_extracted, readings, success_rate,
        avg_quality_score, fields)
      select s.id, c.cycle_id, 60, 60, 1, 0.98, '{"vin": {"of": 60, "held": 58, "unsure": 0}}'
      from scrape_sources s, fill_cycles c
      where ${KSL} = any (s.hosts) and c.cycle_id <> ${CYCLE}`;

    await t.step("the source's vehicles are less complete than usual", async () => {
      await moveToSlot();
      const answer = await measure(sql);
      assert.deepEqual([answer.vehicles, answer.sources], [60, 1]);
      const { status, vehicles_extracted, success_rate, why } = await health() ?? {};
      assert.deepEqual([vehicles_extracted, success_rate], [60, "1.0000"], "every page was read");
      assert.equal(status, "degraded");
      assert.match(why, /its vehicles are complete to \d+ of 100, usually 98/);
      const { completeness, issues } = await vin() ?? {};
      assert.equal(completeness, Number(((60 - lacking.length) / 60).toFixed(4)));
      assert.match(issues.join(), new RegExp(`${lacking.length} of 60 vehicles lack it`));
      assert.match(issues.join(), /hold it, usually 97/);
    });

    await t.step("those that lack the field are read again", async () => {
      await sql`select act_on_quality(${CYCLE})`;
      const [row] = await sql`
        select count(*)::int as waiting
        from micro_scrape_state m
        where m.vehicle_id = any (${lacking})
          and (m.state = 'due' or exists (
            select from backfill_queue b
            where b.vehicle_id = m.vehicle_id and b.status = 'pending' and b.reason = 'quality_fell'))`;
      assert.equal(row?.waiting, lacking.length);
      const decisions =
        await sql`select subject, reason from fill_decisions where cycle_id = ${CYCLE}`;
      assert.ok(decisions.length > 0, "what was not due anyway is on record");
      for (const { subject } of decisions) assert.match(subject, / vin$/);
      await post("process-backfill-queue", { batch_size: 100 });
      for (let left = lacking.length; left > 0; left -= 20) {
        await post("micro-scrape-bandaid", { batch_size: 20 });
      }
      await moveToSlot();
      await measure(sql);
      const { completeness } = await vin() ?? {};
      assert.equal(completeness, Number(((60 - notStated.length) / 60).toFixed(4)));
    });

    await t.step("a site that stops to serve is failing, and it says so", async () => {
      for (const url of urls) site.setFault(url, { kind: "server_error", status: 503 });
      await sql`update scrape_steps set created_at = '2026-03-01T00:00:00Z'`;
      await post("scrape-vehicle", { vehicle_ids: world.ids });
      await sql`update scrape_steps set created_at = '2026-03-02T09:00:00Z' where created_at > '2026-03-03'`;
      await measure(sql);
      const { status, why, success_rate } = await health() ?? {};
      assert.deepEqual([status, success_rate], ["failing", "0.0000"]);
      assert.match(why, /^0 of 100 readings work, usually 100/);
    });
  } finally {
    await world.close();
  }
});
