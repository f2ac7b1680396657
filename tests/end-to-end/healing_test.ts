/** The three use cases of the specification of self-healing data quality, by its own commands. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { forget } from "../../demo/driver/forget.ts";
import { startKslWorld } from "../support/ksl_world.ts";
import { node } from "../support/node.ts";
import { commandsOf, specExists, sqlBlocks } from "../support/spec.ts";

const DOCUMENT = "self-healing-data-quality.md";

/** The document's words for a command of the CLI that does not exist. */
const INVOKE = "npx supabase functions invoke process-backfill-queue";

const dashboard = async (sql: postgres.Sql) =>
  (await sql`select status, reason, count::int from backfill_dashboard`).map((row) => ({ ...row }));

Deno.test({
  name: "the use cases of self-healing data quality, by the commands of the specification" +
    (specExists ? "" : " (the specification is not here)"),
  ignore: !specExists,
  async fn(t) {
    const world = await startKslWorld();
    const { sql, site, stack, lacking, notStated, ids, urls } = world;
    const commands = commandsOf(DOCUMENT);
    const queries = sqlBlocks(DOCUMENT);
    const query = (words: string) => {
      const block = queries.find(({ text }) => text.includes(words));
      assert.ok(block, `the document has a query with "${words}"`);
      return block.text;
    };
    /** Runs a command as written, the one that does not exist by its stand-in. */
    const run = (command: string) => {
      const written = command.replace("npx supabase functions invoke", "node scripts/invoke.js");
      return node(stack, written.split(" ").slice(1));
    };
    const deploy = commands.find((line) => line.includes("deploy-scraper-version.js")) ?? "";
    const single = commands.filter((line) => line.includes("backfill-single-vehicle.js"));
    try {
      await t.step("a fixed scraper: registering queues the 47 that lack the VIN", async () => {
        assert.match(deploy, /ksl_scraper v3\.2\.1 --fields=vin --priority=1$/);
        const { code, stdout, stderr } = await run(deploy);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /✅ Version registered\n✅ Auto-queued 47 vehicles for backfill\n/);
        assert.match(stdout, /Next: node scripts\/invoke\.js process-backfill-queue/);
        assert.deepEqual(await dashboard(sql), [
          { status: "pending", reason: "scraper_improved", count: 47 },
        ]);
        const rows = await sql`select vehicle_id from backfill_queue`;
        assert.deepEqual(rows.map((row) => row.vehicle_id).sort(), [...lacking].sort());
      });

      await t.step("registering again changes nothing", async () => {
        const { code, stdout } = await run(deploy);
        assert.equal(code, 0);
        assert.match(stdout, /registered already: nothing changed/);
        assert.equal((await sql`select from backfill_queue`).length, 47);
      });

      await t.step("processing adds 41 VINs; 6 are not stated; no page is fetched", async () => {
        assert.ok(commands.includes(INVOKE));
        const { code, stdout, stderr } = await run(INVOKE);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /✅ 47 vehicles processed/);
        assert.match(stdout, /✅ 41 VINs added/);
        assert.match(stdout, /✅ 6 VINs not stated by the source/);
        assert.deepEqual([...site.requests], []);

        const vehicles = await sql`select id, discovery_url, vin from vehicles`;
        for (const { id, discovery_url, vin } of vehicles) {
          const stated = notStated.includes(id) ? null : site.truth(discovery_url)?.facts.vin;
          assert.equal(vin, stated);
        }
      });

      await t.step("the queue, the dashboard and the registry tell the same", async () => {
        assert.deepEqual(await dashboard(sql), [
          { status: "completed", reason: "scraper_improved", count: 47 },
        ]);
        const [changes] = await sql`
          select
            count(*) filter (where changes_detected -> 'vin' -> 'old' = 'null')::int as added,
            count(*) filter (where fields_updated = '{vin}')::int as updated,
            count(*) filter (where changes_detected = '{}')::int as nothing
          from backfill_queue`;
        assert.deepEqual({ ...changes }, { added: 41, updated: 41, nothing: 6 });
        const [version] = await sql`
          select queued_count, pending::int, completed::int, backfilled_count::int, failed::int
          from scraper_version_status`;
        assert.deepEqual({ ...version }, {
          queued_count: 47,
          pending: 0,
          completed: 47,
          backfilled_count: 41,
          failed: 0,
        });
      });

      await t.step(
        "a single vehicle: a dry run shows what is missing, --auto writes it",
        async () => {
          const [dry, auto] = single;
          const id = dry?.split(" ")[2] ?? "";
          assert.ok(dry?.endsWith("--dry-run") && auto?.endsWith("--auto"));
          const url = urls[20 * 2 + 1] ?? ""; // an owner's
          await sql`delete from vehicles where discovery_url = ${url}`;
          await sql`insert into vehicles (id, discovery_url, year) values (${id}, ${url}, 1985)`;
          await sql`update vehicles set year = ${
            site.truth(url)?.facts.year ?? 0
          } where id = ${id}`;

          const shown = await run(dry ?? "");
          assert.equal(shown.code, 0, shown.stderr);
          const truth = site.truth(url)?.facts;
          assert.ok(shown.stdout.includes(`✨ VIN: (none) → "${truth?.vin}"\n`), shown.stdout);
          assert.ok(shown.stdout.includes(`✨ Seller: (none) → "${truth?.seller_name}"\n`));
          assert.match(shown.stdout, /Quality: 10\/100/);
          const [before] = await sql`select vin, seller_name from vehicles where id = ${id}`;
          assert.deepEqual({ ...before }, { vin: null, seller_name: null });

          const written = await run(auto ?? "");
          assert.equal(written.code, 0, written.stderr);
          assert.match(written.stdout, /✅ \d+ fields updated: .*vin/);
          assert.match(written.stdout, /Quality: 10 → \d+/);
          const [after] = await sql`select vin, seller_name from vehicles where id = ${id}`;
          assert.deepEqual({ ...after }, { vin: truth?.vin, seller_name: truth?.seller_name });
          const history = await sql.unsafe(query("get_extraction_history"));
          const seller = history.find((row) => row.field_name === "seller_name");
          assert.equal(Number(seller?.confidence_score), 0.3, "a single name is no certain seller");
          const weak = await sql.unsafe(query("low_confidence_extractions LIMIT 20"));
          assert.equal(weak.length, 20); // of the 30 owners' listings
          assert.ok(weak.every((row) => Number(row.confidence_score) < 0.6 && row.why !== null));
          const [shownWeak] = await sql`
          select why from low_confidence_extractions
          where vehicle_id = ${id} and field_name = 'seller_name'`;
          assert.match(shownWeak?.why, /too unsure to count in the score: read from/);
        },
      );

      await t.step(
        "low-quality vehicles: found, queued and read again by its queries",
        async () => {
          const poor = ids.slice(0, 5);
          for (const field of ["vin", "description", "asking_price", "model"]) {
            await forget(sql, poor, field);
          }
          const found = await sql.unsafe(query("Which KSL vehicles are incomplete?"));
          assert.deepEqual(found.map((row) => row.id).sort(), [...poor].sort());
          assert.deepEqual(Object.keys(found[0] ?? {}), [
            "id",
            "vehicle",
            "listing_url",
            "overall_score",
            "issues",
          ]);
          const insert = query("Queue all low-quality KSL vehicles");
          await sql.unsafe(insert);
          await sql.unsafe(insert); // ON CONFLICT DO NOTHING
          assert.equal((await sql`select from backfill_queue where status = 'pending'`).length, 5);

          const { stdout } = await run(INVOKE);
          assert.match(stdout, /✅ 5 vehicles processed/);
          const still = await sql.unsafe(query("Which KSL vehicles are incomplete?"));
          assert.deepEqual(still.map((row) => row.id), []);
          // A low score asks for the page of today.
          for (const url of urls.slice(0, 5)) assert.equal(site.count(url), 1);
        },
      );
    } finally {
      await world.close();
    }
  },
});
