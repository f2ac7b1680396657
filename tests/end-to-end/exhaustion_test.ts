import assert from "node:assert/strict";
import { insertListings, startWorld } from "../support/world.ts";

const HOST = "classics.example";

Deno.test("vehicles whose pages cannot improve", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 30 } } });
  const { site, sql, post } = world;
  const urls = Array.from({ length: 30 }, (_, index) => site.catalogue.at(HOST, index)?.url ?? "");
  const [barren, good] = [urls.slice(0, 20), urls.slice(20)];
  try {
    for (const url of barren) site.setFault(url, { kind: "page_says", change: "bare" });
    await insertListings(sql, barren);

    await t.step("are fetched at most six times each in 50 runs, and then no more", async () => {
      for (let run = 0; run < 50; run++) {
        const answer = await post("micro-scrape-bandaid", { batch_size: 20 });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        await sql`update micro_scrape_state set due_at = now() where state = 'waiting'`;
      }
      for (const url of barren) {
        assert.ok(site.count(url) <= 6, `${url} was fetched ${site.count(url)} times`);
        assert.ok(site.count(url) >= 2);
      }
      const states = await sql`select state, count(*)::int from micro_scrape_state group by state`;
      assert.deepEqual([...states], [{ state: "exhausted", count: 20 }]);
    });

    await t.step("are listed with what their source does not state", async () => {
      const rows = await sql`select why from vehicles_not_improving`;
      assert.equal(rows.length, 20);
      assert.match(rows[0]?.why, /the source does not state .*vin/);
    });

    await t.step("leave others their turn", async () => {
      await sql`select reopen_micro_scrape(array(select vehicle_id from micro_scrape_state))`;
      const ids = await insertListings(sql, good);
      // With a score above theirs they stand behind all of those.
      await sql`update micro_scrape_state set score = 84.9 where vehicle_id = any (${ids})`;
      const first = await post("micro-scrape-bandaid", { dry_run: true, batch_size: 20 });
      for (const { vehicle_id } of first.body.gaps_found) assert.ok(!ids.includes(vehicle_id));
      for (let run = 0; run < 3; run++) await post("micro-scrape-bandaid", { batch_size: 20 });
      const [row] = await sql`
        select count(*)::int as complete
        from micro_scrape_state
        where vehicle_id = any (${ids}) and state = 'complete'`;
      assert.equal(row?.complete, 10);
    });
  } finally {
    await world.close();
  }
});
