/** What the log says of a run: one line, and one for each failure; an error is found by its id. */
import assert from "node:assert/strict";
import { until } from "../support/until.ts";
import { insertListings, startWorld } from "../support/world.ts";

const BAT = "bringatrailer.com";
type Line = Record<string, unknown> & { function?: string };

Deno.test("the log of a run", async (t) => {
  const world = await startWorld({ site: { seed: "log", counts: { [BAT]: 4 } } });
  const { site, sql, stack, post } = world;
  const lines = (name: string): Line[] =>
    Deno.readTextFileSync(stack.functionsLog).split("\n")
      .filter((line) => line.startsWith(`[${name}] {`))
      .map((line) => JSON.parse(line.slice(line.indexOf("{"))));
  const isRun = (line: Line) => "claimed" in line;
  /** All lines of a function once so many of its runs are written down, each of which says so last. */
  const linesOf = (name: string, runs = 1) =>
    until(`${runs} runs of ${name} are written down`, () => {
      const all = lines(name);
      return all.filter(isRun).length >= runs && all;
    });
  const urls = [0, 1, 2, 3].map((at) => site.catalogue.at(BAT, at)?.url ?? "");
  try {
    const [first = "", gone = "", broken = ""] = await insertListings(sql, urls.slice(0, 3));
    site.setFault(urls[1] ?? "", { kind: "gone", status: 404 });
    site.setFault(urls[2] ?? "", { kind: "server_error" });

    await t.step(
      "is one line, with what was claimed and how it ended, and one a failure",
      async () => {
        const { body } = await post("micro-scrape-bandaid", { batch_size: 10 });
        const said = await linesOf("micro-scrape-bandaid");
        const runs = said.filter(isRun);
        assert.equal(runs.length, 1);
        const { ms, cpu_ms, slowest_ms, at, request_id, ...run } = runs[0] ?? {};
        assert.deepEqual(run, {
          level: "info",
          message: "ran: 3 claimed, 1 ok, 1 gone, 1 server_error",
          function: "micro-scrape-bandaid",
          run_id: body.run_id,
          status: 200,
          claimed: 3,
          done: 3,
          released: 0,
          outcomes: { ok: 1, gone: 1, server_error: 1 },
          failures: 2,
          retries: 1,
          requests: run.requests,
          slowest_host: BAT,
        });
        assert.ok(Number(run.requests) >= 3); // and the first image
        assert.ok(Number(ms) > 0 && Number(ms) >= Number(slowest_ms));
        assert.ok(Number(cpu_ms) > 0 && Number(cpu_ms) < 10 * Number(ms));
        assert.ok(!Number.isNaN(Date.parse(String(at))));

        const failures = said.filter((line) => "vehicle_id" in line);
        assert.deepEqual(
          failures.map((
            { vehicle_id, host, outcome, run_id, level },
          ) => [vehicle_id, host, outcome, run_id, level]),
          [
            [gone, BAT, "gone", body.run_id, "warn"],
            [broken, BAT, "server_error", body.run_id, "warn"],
          ],
        );
        assert.ok(failures.every((line) => line.request_id === request_id));
      },
    );

    await t.step("of work in the background stands when it is over", async () => {
      const before = lines("scrape-vehicle").length;
      assert.equal(before, 0);
      const answer = await post("backfill-images", { background: true });
      assert.equal(answer.status, 202);
      const [run] = (await linesOf("backfill-images")).filter(isRun);
      assert.equal(run?.status, 200);
      assert.ok(Number(run?.claimed) > 0);
    });

    await t.step("of images says which failed", async () => {
      const images = site.catalogue.at(BAT, 3)?.images.map(({ url }) => url) ?? [];
      site.setImageFault(BAT, { kind: "gone", status: 404 }, 1);
      const [id] = await insertListings(sql, [urls[3] ?? ""]);
      await post("scrape-vehicle", { vehicle_ids: [id] });
      await post("backfill-images", {});
      const failed = (await linesOf("backfill-images", 2)).filter((line) => "vehicle_id" in line);
      assert.ok(failed.length > 0);
      for (const line of failed) {
        assert.deepEqual([line.vehicle_id, line.host, line.outcome], [id, BAT, "gone"]);
        assert.ok(images.includes(String(line.url)));
      }
    });

    await t.step("of feeds says which could not be read", async () => {
      const feed = "https://bringatrailer.com/feed/";
      site.setFault(feed, { kind: "server_error" });
      await post("discover-listings", { sync_only: true });
      await post("discover-listings", { urls: [feed] });
      const said = await linesOf("discover-listings", 2);
      const [failed, ...more] = said.filter((line) => "vehicle_id" in line);
      assert.deepEqual(more, []);
      assert.deepEqual([failed?.url, failed?.outcome], [feed, "server_error"]);
    });

    await t.step("of the pipeline says which step failed", async () => {
      await sql`alter function rescue_expired_leases rename to rescue_expired_leases_away`;
      const { body } = await post("pipeline-orchestrator", { steps: [1, 4] });
      await sql`alter function rescue_expired_leases_away rename to rescue_expired_leases`;
      const said = await linesOf("pipeline-orchestrator");
      const [failed, ...more] = said.filter((line) => "step" in line);
      assert.deepEqual(more, []);
      assert.deepEqual(
        [failed?.level, failed?.step, failed?.run_id],
        ["warn", "rescue_expired_leases", body.run_id],
      );
      assert.match(String(failed?.message), /rescue_expired_leases/);
    });

    await t.step("says what was refused", async () => {
      await post("scrape-vehicle", { vehicle_ids: ["x"] });
      const refused = (await linesOf("scrape-vehicle", 2)).filter((line) => line.status === 400);
      assert.equal(refused.length, 1);
      assert.match(String(refused[0]?.message), /^refused \(400\): .*vehicle_ids/);
    });

    await t.step("has the error of an answer under its id", async () => {
      await sql`alter function claim_queue rename to claim_queue_away`;
      const { status, body } = await post("process-import-queue", {});
      await sql`alter function claim_queue_away rename to claim_queue`;
      assert.equal(status, 500, JSON.stringify(body));
      const said = await linesOf("process-import-queue");
      const found = said.filter((line) => line.error_id === body.error_id);
      assert.equal(found.length, 2);
      const [error, run] = found;
      assert.equal(error?.level, "error");
      assert.match(String(error?.message), /claim_queue/);
      assert.match(String(error?.stack), /process-import-queue|queue/);
      assert.ok(run !== undefined && isRun(run) && run.status === 500);
      assert.equal(run.request_id, error?.request_id);
    });

    await t.step("holds no line of the one vehicle that was read", () => {
      const named = Deno.readTextFileSync(stack.functionsLog).split("\n")
        .filter((line) => line.includes(first));
      assert.deepEqual(named, []);
    });
  } finally {
    await world.close();
  }
});

Deno.test("LOG_LEVEL=debug says each attempt at a URL", async () => {
  const world = await startWorld({
    site: { seed: "log", counts: { [BAT]: 1 } },
    functionEnv: { LOG_LEVEL: "debug" },
  });
  try {
    const url = world.site.catalogue.at(BAT, 0)?.url ?? "";
    const ids = await insertListings(world.sql, [url]);
    await world.post("scrape-vehicle", { vehicle_ids: ids });
    const said = await until("the run is written down", () => {
      const log = Deno.readTextFileSync(world.stack.functionsLog);
      return log.includes('"message":"ran') && log;
    });
    assert.match(
      said,
      /"level":"debug","message":"fetched https:\/\/bringatrailer\.com\/listing\/[^"]+: ok"/,
    );
  } finally {
    await world.close();
  }
});
