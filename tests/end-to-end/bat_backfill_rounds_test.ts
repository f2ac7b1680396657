/** The repair of Bring a Trailer vehicles over hours, days and a year: who is asked again, and when. */
import assert from "node:assert/strict";
import type { PageChange } from "../../demo/site/changes.ts";
import { startWorld } from "../support/world.ts";
import { auctions, HOST, RepairRounds } from "./bat_backfill_rounds.ts";

Deno.test("repairs go on round after round, and nobody fills the batch for ever", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 80 } } });
  const { site, sql } = world;
  const rounds = new RepairRounds(world);
  const urls = auctions(world, "sold", 40);
  try {
    await t.step(
      "vehicles that cannot be satisfied cool down, and the others get their turn",
      async () => {
        const kinds: PageChange[] = ["bare", "without_images"];
        const barren = urls.slice(0, 24);
        for (const [n, url] of barren.entries()) {
          const change = kinds[n % 3];
          site.setFault(url, change ? { kind: "page_says", change } : { kind: "shell" });
          await rounds.leftBehind(url, { created_at: "2020-01-01T00:00:00Z" });
        }
        const good = urls.slice(24, 34);
        for (const url of good) await rounds.leftBehind(url, {});

        // Two hours, a round every ten minutes. All that wait before the good ones are worse and older.
        const first = await rounds.round();
        assert.equal(first.queued, 20);
        for (let n = 1; n < 12; n++) await rounds.round();
        const [done] = await sql`
        select count(*)::int as n from bat_extraction_queue
        where bat_url = any (${good}) and status = 'complete' and attempts = 1`;
        assert.equal(done?.n, good.length, "each good one was read, once");
        for (const url of good) assert.equal(site.count(url), 1);
        const asked = barren.map((url) => site.count(url));
        for (const [n, times] of asked.entries()) {
          assert.ok(times >= 1 && times <= (n % 3 === 2 ? 3 : 1), `${barren[n]}: ${times} fetches`);
        }
        assert.equal((await rounds.autoQueue())?.queued_count, 0, "and all of them rest");

        // Days go by: a page that was read is asked once more at most, one that was not once a day.
        site.clearLog();
        for (let day = 0; day < 6; day++) {
          await rounds.pass("1 day");
          await rounds.round();
        }
        for (const [n, url] of barren.entries()) {
          const most = n % 3 === 2 ? 6 : 1;
          assert.ok(site.count(url) <= most, `${url}: ${site.count(url)} fetches in six days`);
        }
      },
    );

    await t.step(
      "a failed one that can work is queued again; one that is gone never is",
      async () => {
        site.clearFaults();
        await sql`delete from vehicles`;
        const [down = "", gone = ""] = urls.slice(34, 36);
        site.setFault(down, { kind: "server_error" });
        site.setFault(gone, { kind: "gone", status: 410 });
        await rounds.leftBehind(down, {});
        await rounds.leftBehind(gone, {});
        for (let n = 0; n < 6; n++) await rounds.round();
        const status = async () =>
          (await sql`select status, outcome_code, attempts from bat_extraction_queue
          order by bat_url = ${gone}`).map((one) => Object.values(one));
        assert.deepEqual(await status(), [["failed", "server_error", 3], ["failed", "gone", 1]]);
        const dead = await sql`
        select url, outcome_code, queued_again_at > now() as waits from dead_letters`;
        assert.deepEqual([...dead], [{ url: down, outcome_code: "server_error", waits: true }]);

        site.setFault(down, null);
        site.clearLog();
        await rounds.pass("6 hours");
        assert.equal((await rounds.round()).queued, 1);
        assert.deepEqual(await status(), [["complete", "ok", 1], ["failed", "gone", 1]]);
        await rounds.pass("1 year");
        await rounds.round();
        assert.equal(site.count(gone), 0, "nobody asks for it again");
        const [redriven] = await sql`select redrive_dead_letters() as counts`;
        assert.equal(redriven?.counts.bat_extraction_queue, 0, "also not by a redrive");
      },
    );

    await t.step("a live auction is read after its end, and not before", async () => {
      site.clearFaults();
      await sql`delete from vehicles`;
      const live = urls[36] ?? "";
      site.setFault(live, { kind: "page_says", change: "still_live" });
      const id = await rounds.leftBehind(live, {});
      await rounds.round();
      const offer = async () => {
        const [row] = await sql`
          select v.sale_status, v.sale_price::float, v.high_bid::float, e.outcome
          from vehicles v join auction_events e on e.vehicle_id = v.id where v.id = ${id}`;
        return { ...row };
      };
      const running = site.truth(live)?.auction;
      assert.deepEqual(await offer(), {
        sale_status: "live",
        sale_price: null,
        high_bid: running?.highBid,
        outcome: "live",
      });

      site.clearLog();
      // It ends at a midnight, 48 to 72 hours from now.
      for (let hour = 0; hour < 40; hour += 8) {
        await rounds.pass("8 hours");
        assert.equal((await rounds.round()).queued, 0, `${hour + 8} hours on, it still runs`);
      }
      assert.equal(site.count(live), 0);

      site.setFault(live, { kind: "page_says", change: "ended_sold" });
      await sql`update auction_events set ends_at = now() - interval '11 minutes'`;
      const [due] = await sql`select reason from queue_bat_backfill_vehicles(50, 75)`;
      assert.equal(due?.reason, "auction_ended");
      assert.equal((await rounds.round()).queued, 1);
      const price = site.truth(live)?.auction?.salePrice;
      assert.deepEqual(await offer(), {
        sale_status: "sold",
        sale_price: price,
        high_bid: price,
        outcome: "sold",
      });
      assert.equal((await rounds.round()).queued, 0, "and that is that");
    });
  } finally {
    await world.close();
  }
});
