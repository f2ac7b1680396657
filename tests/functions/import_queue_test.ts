import assert from "node:assert/strict";
import { changedTables, everything, startWorld } from "../support/world.ts";
import { until } from "../support/until.ts";

const HOST = "bringatrailer.com";
const CLASSICS = "classics.example";

Deno.test("process-import-queue", async (t) => {
  const world = await startWorld({
    site: { counts: { [HOST]: 60, [CLASSICS]: 10 }, nonVehicles: 4, relistings: 1 },
  });
  const { stack, site, sql, post } = world;
  const extras = site.catalogue.extras();
  const relisted = new Set(extras.flatMap(({ relistingOf }) => relistingOf ?? []));
  const auctions = Array.from({ length: 60 }, (_, n) => site.catalogue.at(HOST, n)?.url ?? "")
    .filter((url) => !relisted.has(url));
  const classics = Array.from({ length: 10 }, (_, n) => site.catalogue.at(CLASSICS, n)?.url ?? "");
  const enqueue = (urls: string[]) =>
    sql`select enqueue_listings(${
      sql.json(urls.map((url) => ({ url })))
    }, 'https://feed.example/')`;
  const rowsOf = (urls: string[]) =>
    sql`select * from import_queue where listing_url = any (${urls}) order by created_at, id`;
  const vehicles = async () => (await sql`select count(*)::int as n from vehicles`)[0]?.n;
  /** Calls until the functions' host, which was killed, answers again. */
  const untilAnswered = (body: unknown) =>
    until("the functions are back", async () => {
      const answer = await post("process-import-queue", body);
      return answer.status === 200 && answer;
    });
  try {
    await t.step("a dry run says what would become of the queue and writes nothing", async () => {
      await enqueue([...auctions.slice(0, 2), ...classics.slice(0, 1)]);
      const before = await everything(sql);
      const { status, body } = await post("process-import-queue", { dry_run: true });
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.processed, body.imported, body.created, body.more_due], [
        3,
        3,
        3,
        null,
      ]);
      assert.ok(
        body.results.every((one: { status: unknown; vehicle_id: unknown }) =>
          one.status === null && one.vehicle_id === null
        ),
      );
      assert.deepEqual(await changedTables(sql, before), [
        "private.host_metrics",
        "public.scraping_health",
        "public.source_hosts",
      ]);
    });

    await t.step("listings of any source become vehicles, each page fetched once", async () => {
      site.clearLog();
      const { body } = await post("process-import-queue", {});
      assert.deepEqual(
        [body.processed, body.imported, body.created, body.failed, body.more_due],
        [3, 3, 3, 0, false],
        JSON.stringify(body),
      );
      for (const url of [...auctions.slice(0, 2), ...classics.slice(0, 1)]) {
        const [row] = await rowsOf([url]);
        assert.deepEqual([row?.status, row?.outcome_code, row?.lease_token], [
          "complete",
          "ok",
          null,
        ]);
        const [vehicle] = await sql`select * from vehicles where id = ${row?.vehicle_id}`;
        assert.equal(vehicle?.make, site.truth(url)?.facts.make);
        assert.equal(vehicle?.vin, site.truth(url)?.facts.vin ?? null);
        assert.equal(site.count(url), 1);
      }
      // Images are the work of another worker.
      assert.equal(site.requests.filter(({ path }) => /\.(jpe?g|png)$/.test(path)).length, 0);
      const [waiting] = await sql`
        select count(*)::int as n from image_downloads where status = 'pending'`;
      assert.ok(waiting?.n >= 3);
    });

    await t.step("what is known, or listed again, adds no vehicle", async () => {
      const again = extras.find((listing) => listing.relistingOf);
      assert.ok(again?.relistingOf);
      await enqueue([again.relistingOf]);
      await post("process-import-queue", {});
      const before = await vehicles();
      await enqueue([again.url]);
      const known = (auctions[0] ?? "").replace("https://", "http://www.") + "?utm_source=x";
      await enqueue([known]);
      await sql`insert into import_queue (listing_url) values (${known})
        on conflict (canonical_url) do update set status = 'pending'`;
      const { body } = await post("process-import-queue", {});
      assert.deepEqual(
        [body.imported, body.created, body.known, body.relistings],
        [2, 0, 2, 1],
        JSON.stringify(body),
      );
      assert.equal(await vehicles(), before);
    });

    await t.step(
      "what is no vehicle is recorded as not a listing; what was removed as gone",
      async () => {
        const nonVehicles = extras.filter((listing) => listing.nonVehicle).map((listing) =>
          listing.url
        );
        const gone = auctions[5] ?? "";
        site.setFault(gone, { kind: "gone", status: 404 });
        const before = await vehicles();
        await enqueue([...nonVehicles, gone]);
        const { body } = await post("process-import-queue", {});
        assert.deepEqual(
          [body.not_a_vehicle, body.gone, body.imported, body.failed],
          [4, 1, 0, 0],
          JSON.stringify(body),
        );
        assert.equal(await vehicles(), before);
        for (const row of await rowsOf(nonVehicles)) {
          assert.deepEqual([row.status, row.outcome_code, row.attempts], [
            "failed",
            "not_a_listing",
            1,
          ]);
          assert.match(row.error_message, /no vehicle/);
        }
        const [row] = await rowsOf([gone]);
        assert.deepEqual([row?.status, row?.outcome_code], ["failed", "gone"]);
        // Found again, they are known: nobody reads them a second time.
        await enqueue([...nonVehicles, gone]);
        assert.equal((await post("process-import-queue", {})).body.processed, 0);
        site.clearFaults();
      },
    );

    await t.step("a site that errs is asked again later, three times in all", async () => {
      const [heals = "", breaks = "", walled = ""] = auctions.slice(6, 9);
      site.setFault(heals, { kind: "server_error" }, { first: 1 });
      site.setFault(breaks, { kind: "server_error" });
      site.setFault(walled, { kind: "bot_wall", vendor: "cloudflare" });
      await enqueue([heals, breaks, walled]);
      const makeDue = () =>
        sql`update import_queue set next_attempt_at = now() where status = 'pending'
          and outcome_code = 'server_error'`;
      const first = await post("process-import-queue", {});
      assert.equal(first.body.waiting, 3, JSON.stringify(first.body));
      for (const row of await rowsOf([heals, breaks])) {
        assert.ok(row.next_attempt_at > new Date());
        assert.equal(row.attempts, 1);
      }
      assert.equal((await rowsOf([walled]))[0]?.attempts, 0, "a wall costs no attempt");
      assert.equal((await post("process-import-queue", {})).body.processed, 0, "nothing is due");
      await makeDue();
      const second = await post("process-import-queue", {});
      assert.deepEqual([second.body.imported, second.body.waiting], [1, 1]);
      await makeDue();
      const third = await post("process-import-queue", {});
      assert.equal(third.body.failed, 1, JSON.stringify(third.body));
      const [broken] = await rowsOf([breaks]);
      assert.deepEqual([broken?.status, broken?.attempts, broken?.vehicle_id], [
        "failed",
        3,
        null,
      ]);
      assert.match(broken?.error_message, /500/);
      assert.deepEqual([site.count(heals), site.count(breaks)], [2, 3]);
      site.clearFaults();
    });

    await t.step("a run stops before its time is up and hands back the rest", async () => {
      const some = auctions.slice(10, 30);
      for (const url of some) site.setFault(url, { kind: "slow", ms: 1500 });
      await enqueue(some);
      const { body } = await post("process-import-queue", { max_runtime_ms: 5000 });
      assert.ok(body.runtime_ms < 5500, `${body.runtime_ms} ms`);
      assert.ok(body.released.length > 0 && body.imported > 0, JSON.stringify(body).slice(0, 2000));
      assert.equal(body.more_due, true);
      const [row] = await sql`
        select max(attempts)::int as attempts, count(*)::int as n
        from import_queue where status = 'pending' and listing_url = any (${some})`;
      assert.deepEqual([row?.attempts, row?.n], [0, body.released.length]);
      site.clearFaults();
      assert.equal((await post("process-import-queue", {})).body.imported, row?.n);
    });

    await t.step(
      "killed in the middle, every listing becomes one vehicle all the same",
      async () => {
        const some = auctions.slice(30, 45);
        const before = await vehicles();
        // None is read before the kill, however busy this machine is.
        for (const url of some) site.setFault(url, { kind: "slow", ms: 3_000 });
        await enqueue(some);
        const run = post("process-import-queue", {});
        await until(
          "a run has leased rows",
          async () => (await sql`select from import_queue where status = 'processing'`).length > 0,
        );
        Deno.kill(stack.functionsPid(), "SIGKILL");
        assert.equal((await run).status, 503);
        site.clearFaults();
        assert.equal((await untilAnswered({})).body.imported, 0, "the dead worker's leases hold");
        await sql`update import_queue set lease_expires_at = now() where status = 'processing'`;
        const next = await post("process-import-queue", {});
        assert.equal(next.body.created, some.length, JSON.stringify(next.body));
        const rows = await rowsOf(some);
        assert.equal(rows.length, some.length);
        assert.ok(rows.every((row) => row.status === "complete"), JSON.stringify(rows[0]));
        assert.equal(new Set(rows.map((row) => row.vehicle_id)).size, some.length);
        assert.equal(await vehicles(), before + some.length);
        for (const url of some) assert.ok(site.count(url) <= 2, url);
      },
    );

    await t.step("four workers at once read each listing once", async () => {
      site.clearLog();
      const some = [...auctions.slice(45, 55), ...classics.slice(1)];
      await enqueue(some);
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => post("process-import-queue", { batch_size: 5 })),
      );
      const imported = answers.reduce((sum, { body }) => sum + body.imported, 0);
      assert.equal(imported, some.length, JSON.stringify(answers.map(({ body }) => body)));
      for (const url of some) assert.equal(site.count(url), 1, url);
    });

    await t.step("a body with mistakes is refused, each named", async () => {
      const { status, body } = await post("process-import-queue", { batch_size: 101, dryrun: 1 });
      assert.equal(status, 400);
      assert.match(JSON.stringify(body.mistakes), /batch_size/);
      assert.match(JSON.stringify(body.mistakes), /dryrun/);
    });
  } finally {
    await world.close();
  }
});
