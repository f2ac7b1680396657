import assert from "node:assert/strict";
import { everything, insertListings, startWorld } from "../support/world.ts";

const BAT = "bringatrailer.com";

Deno.test("micro-scrape-bandaid", async (t) => {
  const world = await startWorld({ site: { counts: { [BAT]: 40, "classics.example": 10 } } });
  const { site, sql, post } = world;
  const url = (index: number, host = BAT) => site.catalogue.at(host, index)?.url ?? "";
  try {
    const ids = await insertListings(sql, [0, 1, 2, 3, 4, 5].map((index) => url(index)));

    await t.step(
      "a dry run says what it would do, fetches nothing and changes nothing",
      async () => {
        const before = await everything(sql);
        const answer = await post("micro-scrape-bandaid", { dry_run: true, batch_size: 50 });
        assert.equal(answer.status, 200);
        assert.equal(answer.body.analyzed, 6);
        assert.equal(answer.body.gaps_found.length, 6);
        assert.equal(answer.body.run_id, null);
        assert.deepEqual(Object.keys(answer.body.gaps_found[0]).sort(), [
          "missing_fields",
          "quality_score",
          "recommended_actions",
          "source_url",
          "vehicle_id",
        ]);
        assert.ok(answer.body.gaps_found[0].missing_fields.includes("vin"));
        assert.ok(
          answer.body.gaps_found[0].recommended_actions.includes("extract-vin-from-vehicle"),
        );
        assert.equal(site.requests.length, 0);
        assert.deepEqual(await everything(sql), before);
      },
    );

    await t.step(
      "named vehicles are read once each, and what their pages state is held",
      async () => {
        const named = ids.slice(0, 2);
        const answer = await post("micro-scrape-bandaid", {
          vehicle_ids: named,
          batch_size: 20,
          max_runtime_ms: 30000,
        });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        const { body } = answer;
        assert.equal(body.success, true);
        assert.equal(body.analyzed, 2);
        assert.equal(body.improved, 2);
        assert.ok(body.actions_executed >= body.actions_succeeded + body.actions_failed);
        assert.ok(body.actions_succeeded > 0);
        for (const index of [0, 1]) {
          assert.equal(site.count(url(index)), 1);
          const truth = site.truth(url(index));
          const [held] = await sql`select * from vehicles where id = ${named[index] ?? ""}`;
          assert.equal(held?.year, truth?.facts.year);
          assert.equal(held?.make, truth?.facts.make);
          assert.equal(held?.vin, truth?.facts.vin);
        }
        assert.equal(site.count(url(2)), 0);
      },
    );

    await t.step("a run is a row with what it did", async () => {
      const [run] = await sql`select * from micro_scrape_runs order by started_at desc limit 1`;
      assert.equal(run?.status, "completed");
      assert.equal(run?.vehicles_analyzed, 2);
      assert.ok(run?.runtime_ms > 0);
      assert.notEqual(run?.completed_at, null);
    });

    await t.step("two runs at once never take the same vehicle", async () => {
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => post("micro-scrape-bandaid", { batch_size: 2 })),
      );
      const taken = answers.flatMap(({ body }) =>
        body.gaps_found.map((gap: { vehicle_id: string }) => gap.vehicle_id)
      );
      assert.deepEqual([...taken].sort(), [...ids.slice(2)].sort());
      for (const index of [2, 3, 4, 5]) assert.equal(site.count(url(index)), 1);
    });

    await t.step(
      "running again at once finds nothing due and asks the site for nothing",
      async () => {
        site.clearLog();
        const answer = await post("micro-scrape-bandaid", { batch_size: 20 });
        assert.equal(answer.body.analyzed, 0);
        assert.equal(site.requests.length, 0);
      },
    );

    await t.step("nothing is doubled when the same pages are read again", async () => {
      const count = async () => {
        const [row] = await sql`
          select
            (select count(*) from extraction_metadata) as facts,
            (select count(*) from auction_events) as auctions,
            (select count(*) from auction_bids) as bids,
            (select count(*) from auction_comments) as comments,
            (select count(*) from vehicle_images) as images,
            (select count(*) from image_downloads) as downloads`;
        return { ...row };
      };
      const before = await count();
      const answer = await post("micro-scrape-bandaid", { vehicle_ids: ids });
      assert.equal(answer.body.analyzed, 6);
      assert.deepEqual(await count(), before);
    });

    await t.step("two ids that are wrong are both named, and nothing is done", async () => {
      const before = await everything(sql);
      const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
      const answer = await post("micro-scrape-bandaid", { vehicle_ids: [ids[0], one, two] });
      assert.equal(answer.status, 400);
      assert.deepEqual(
        answer.body.mistakes.map((mistake: { path: string }) => mistake.path),
        ["vehicle_ids.1", "vehicle_ids.2"],
      );
      assert.deepEqual(await everything(sql), before);
    });

    await t.step("the lowest score goes first, and of equal scores the most recent", async () => {
      const [poor, poorer, recent] = await insertListings(sql, [url(10), url(11), url(12)]);
      await sql`update vehicles set year = 1990, make = 'Saab' where id = ${poor ?? ""}`;
      await sql`
        update micro_scrape_state set vehicle_created_at = now() - interval '1 day'
        where vehicle_id = ${poorer ?? ""}`;
      const answer = await post("micro-scrape-bandaid", { dry_run: true });
      const order = answer.body.gaps_found.map((gap: { vehicle_id: string }) => gap.vehicle_id);
      assert.deepEqual(order, [recent, poorer, poor]);
      await post("micro-scrape-bandaid", {});
    });

    await t.step(
      "a run whose time is up hands back what it did not begin, at no cost",
      async () => {
        const host = "classics.example";
        await sql`
        insert into source_hosts (host, min_interval_ms) values (${host}, 60000)
        on conflict (host) do update set min_interval_ms = 60000`;
        const slow = await insertListings(sql, [0, 1, 2].map((index) => url(index, host)));
        const answer = await post("micro-scrape-bandaid", {
          vehicle_ids: slow,
          max_runtime_ms: 5000,
        });
        assert.equal(answer.body.analyzed + answer.body.not_started.length, 3);
        assert.ok(answer.body.not_started.length >= 2, JSON.stringify(answer.body));
        const rows = await sql`
        select state, no_gain_passes, failures, lease_token, due_at > now() as later
        from micro_scrape_state
        where vehicle_id = any (${slow}) and last_checked_at is null`;
        assert.equal(rows.length, answer.body.not_started.length);
        for (const row of rows) {
          assert.deepEqual(
            { ...row, state: undefined },
            { state: undefined, no_gain_passes: 0, failures: 0, lease_token: null, later: true },
          );
        }
      },
    );

    await t.step(
      "an id of any 128 bits is one, in any case, and named twice it is one",
      async () => {
        const id = "11111111-1111-1111-1111-aaaaaaaaaaaa"; // no version of RFC 9562, and Postgres takes it
        await sql`insert into vehicles (id, discovery_url) values (${id}, ${url(20)})`;
        const preview = await post("micro-scrape-bandaid", { dry_run: true });
        assert.equal(preview.body.gaps_found[0].vehicle_id, id, JSON.stringify(preview.body));
        for (const vehicle_ids of [[id.toUpperCase(), id], [id, id.toUpperCase()]]) {
          const answer = await post("micro-scrape-bandaid", { vehicle_ids });
          assert.equal(answer.body.analyzed, 1, JSON.stringify(answer.body));
        }
        const action = await post("extract-vin-from-vehicle", { vehicle_id: id.toUpperCase() });
        assert.equal(action.status, 200, JSON.stringify(action.body));
        const wrong = await post("micro-scrape-bandaid", { vehicle_ids: [id, "uuid1"] });
        assert.deepEqual(wrong.body.mistakes, [{ path: "vehicle_ids.1", message: "not a UUID" }]);
        const unknown = crypto.randomUUID().toUpperCase();
        const missing = await post("micro-scrape-bandaid", { vehicle_ids: [id, unknown] });
        assert.equal(missing.body.mistakes[0].path, "vehicle_ids.1");
      },
    );

    await t.step("all vehicles that are named are done, whatever the batch size", async () => {
      const named = await insertListings(sql, [21, 22, 23, 24].map((index) => url(index)));
      const answer = await post("micro-scrape-bandaid", { vehicle_ids: named, batch_size: 2 });
      assert.equal(answer.body.analyzed, 4);
    });

    await t.step("a vehicle that is complete or exhausted is read when it is named", async () => {
      const [id = ""] = await insertListings(sql, [url(25)]);
      await post("micro-scrape-bandaid", { vehicle_ids: [id] });
      for (const state of ["complete", "exhausted", "ended", "failed"]) {
        await sql`update micro_scrape_state set state = ${state} where vehicle_id = ${id}`;
        site.clearLog();
        const answer = await post("micro-scrape-bandaid", { vehicle_ids: [id] });
        assert.equal(answer.body.analyzed, 1, state);
        assert.equal(site.count(url(25)), 1, state);
      }
    });

    await t.step("a run that cannot begin leaves its record, with the reason", async () => {
      await sql`revoke execute on function claim_micro_scrape from service_role`;
      const answer = await post("micro-scrape-bandaid", { triggered_by: "no claim" });
      await sql`grant execute on function claim_micro_scrape to service_role`;
      assert.equal(answer.status, 500);
      const runs = await sql`select * from micro_scrape_runs where triggered_by = 'no claim'`;
      assert.deepEqual(runs.map(({ status }) => status), ["failed"]);
      assert.match(runs[0]?.error_message, /permission denied/);
    });

    await t.step(
      "where no pictures are wanted a pass stores none and keeps their addresses",
      async () => {
        await sql`update fill_policy set galleries = 'none'`;
        const [id = ""] = await insertListings(sql, [url(28)]);
        await post("micro-scrape-bandaid", { vehicle_ids: [id] });
        await sql`update fill_policy set galleries = 'all'`;
        const [held] = await sql`
        select (select count(*)::int from vehicle_images where vehicle_id = ${id}) as images,
          (select count(*)::int from image_downloads where vehicle_id = ${id}) as addresses`;
        assert.equal(held?.images, 0);
        assert.ok(held?.addresses > 0);
      },
    );

    await t.step("the shortest run that may be asked for reads what it can", async () => {
      const [id = ""] = await insertListings(sql, [url(26)]);
      const answer = await post("micro-scrape-bandaid", {
        vehicle_ids: [id],
        max_runtime_ms: 1000,
      });
      assert.equal(answer.body.analyzed, 1, JSON.stringify(answer.body));
    });

    await t.step("a page that the end of the run cuts off counts as not begun", async () => {
      const [id = ""] = await insertListings(sql, [url(27)]);
      site.setFault(url(27), { kind: "slow", ms: 8000 });
      const answer = await post("micro-scrape-bandaid", {
        vehicle_ids: [id],
        max_runtime_ms: 4000,
      });
      assert.ok(answer.body.runtime_ms < 4500, `${answer.body.runtime_ms} ms`);
      assert.equal(answer.body.not_started[0]?.code, "deadline", JSON.stringify(answer.body));
      const [row] = await sql`select * from micro_scrape_state where vehicle_id = ${id}`;
      assert.equal(row?.failures, 0);
      assert.equal(row?.state, "due");
      assert.equal(row?.lease_token, null);
      const [host] = await sql`select * from source_hosts where host = ${BAT}`;
      assert.equal(host?.consecutive_errors, 0);
    });
  } finally {
    await world.close();
  }
});
