import assert from "node:assert/strict";
import { forget } from "../../demo/driver/forget.ts";
import { startKslWorld } from "../support/ksl_world.ts";
import { node } from "../support/node.ts";
import { everything } from "../support/world.ts";

const REPLAY = "scripts/replay-scraper.js";

Deno.test("a scraper replayed on snapshots, and pages that are no longer needed", async (t) => {
  const world = await startKslWorld();
  const { stack, sql, site, post, ids, lacking } = world;
  try {
    await post("process-backfill-queue", { sync_only: true });

    await t.step("says field by field what would be gained; nothing is written", async () => {
      const before = await everything(sql);
      const { code, stdout, stderr } = await node(stack, [REPLAY, "ksl_scraper"]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /60 snapshots of 60 vehicles read again; nothing was written/);
      assert.match(stdout, /^vin +41 +0 +0 +13$/m);
      assert.match(stdout, /✨ VIN: \(none\) → "/);
      assert.equal(site.requests.length, 0);
      assert.deepEqual(await everything(sql), before);
    });

    await t.step("warns loudly, and fails, when values would be lost", async () => {
      // What an older version made up for cars whose page states no VIN.
      const made = { confidence: 0.9, method: "ksl_scraper", version: "v0.9.0" };
      await sql.begin(async (tx) => {
        await tx`select set_config('vehicles.writer', 'apply_extractions', true)`;
        await tx`
          update vehicles
          set vin = 'MADEUP' || right(id::text, 6),
            field_state = field_state || jsonb_build_object('vin', ${tx.json(made)}::jsonb)
          where id = any (${lacking.slice(-6)})`;
      });
      const { code, stdout } = await node(stack, [REPLAY, "ksl_scraper"]);
      assert.equal(code, 1);
      assert.match(stdout, /🚨 LOSES \d+(\.\d)? % OF VIN: 6 of 19 values are no longer read/);
      const much = await node(stack, [REPLAY, "ksl_scraper", "--threshold", "50"]);
      assert.equal(much.code, 0);
      const few = await node(stack, [REPLAY, "ksl_scraper", "--limit=10", "--json"]);
      assert.equal(JSON.parse(few.stdout).vehicles, 10);
    });

    await t.step("an unknown scraper, a number that is none", async () => {
      const unknown = await node(stack, [REPLAY, "kls_scraper"]);
      assert.equal(unknown.code, 1);
      assert.match(unknown.stderr, /unknown scraper: "kls_scraper"; known are .*ksl_scraper/);
      assert.equal((await node(stack, [REPLAY, "ksl_scraper", "--limit", "all"])).code, 2);
    });

    await t.step("--reextract takes back what the new version no longer reads there", async () => {
      const wrong = lacking.slice(-6);
      await sql`
        update vehicles
        set field_state = jsonb_set(field_state, '{vin,page_at}', to_jsonb(now() + interval '1 minute'))
        where id = any (${wrong})`;
      const args = ["scripts/deploy-scraper-version.js", "ksl_scraper", "v3.2.1", "--fields=vin"];
      const { stdout } = await node(stack, [...args, "--reextract", "--wait"]);
      assert.match(stdout, /Auto-queued 60 vehicles|Auto-queued 47 vehicles/);
      const rows = await sql`
        select v.vin, b.changes_detected from vehicles v join backfill_queue b on b.vehicle_id = v.id
        where v.id = any (${wrong})`;
      assert.equal(rows.length, 6);
      for (const { vin, changes_detected } of rows) {
        assert.equal(vin, null);
        assert.equal(changes_detected.vin.new, null);
      }
      const [held] = await sql`select count(vin)::int as count from vehicles`;
      assert.equal(held?.count, 54, "no other value was touched");
    });

    await t.step("the objects of forgotten pages are removed from Storage", async () => {
      const paths = await sql<{ storage_path: string }[]>`
        select storage_path from page_snapshots order by storage_path limit 3`;
      await forget(sql, ids, "color");
      await sql`delete from page_snapshots where storage_path = any (${
        paths.map((row) => row.storage_path)
      })`;
      await sql`
        insert into private.unneeded_snapshot_objects (storage_path)
        select unnest(${paths.map((row) => row.storage_path)}::text[])`;
      const dry = await post("prune-snapshots", { dry_run: true });
      assert.equal(dry.body.would_remove.length, 3);
      const answer = await post("prune-snapshots", {});
      assert.equal(answer.body.removed, 3, JSON.stringify(answer.body));
      const [left] =
        await sql`select count(*)::int as count from private.unneeded_snapshot_objects`;
      assert.equal(left?.count, 0);
      const path = paths[0]?.storage_path ?? "";
      const found = await fetch(`${stack.url}/storage/v1/object/page-snapshots/${path}`, {
        headers: { apikey: stack.keys.secret, Authorization: `Bearer ${stack.keys.secret}` },
      });
      await found.body?.cancel();
      assert.ok([400, 404].includes(found.status), `${found.status}`);
      assert.equal((await post("prune-snapshots", {})).body.removed, 0);
    });
  } finally {
    await world.close();
  }
});
