/** `/healthz`, and how the process bears a database that goes away. */
import assert from "node:assert/strict";
import { startWorld } from "../../support/world.ts";
import { until } from "../../support/until.ts";
import { healthOf } from "../../../worker/health.ts";
import { killWorkers, startWorker } from "./support.ts";

const HOST = "bringatrailer.com";

Deno.test("task worker says how it is, asks rarely while nothing is due, and bears an outage", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 12 } } });
  const { stack, site, sql } = world;
  const api = outageOf(stack.url);
  const worker = startWorker(
    { url: api.url, key: stack.keys.secret, mirrorUrl: site.url },
    ...["--queues", "import_queue,backfill_queue", "--port", "0"],
  );
  try {
    const { port } = await worker.said(/healthz/);
    const health = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/healthz`);
      return { status: response.status, body: await response.json() };
    };

    await t.step("healthy, with its queues", async () => {
      const { status, body } = await until("it was seen", async () => {
        const one = await health();
        return one.body.queues.import_queue.last_run_at === null && one;
      });
      assert.equal(status, 200);
      assert.deepEqual(Object.keys(body.queues), ["import_queue", "backfill_queue"]);
      assert.deepEqual([body.ok, body.stopping, body.database.away_since], [true, false, null]);
      const other = await fetch(`http://127.0.0.1:${port}/`);
      assert.equal(other.status, 404);
      await other.body?.cancel();
    });

    await t.step("while nothing is due it asks ever more rarely", async () => {
      const before = api.requests;
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      const asked = api.requests - before;
      assert.ok(asked >= 1 && asked <= 6, `${asked} requests in ten seconds`);
    });

    await t.step("an outage is said once, and so is its end; then it works on", async () => {
      api.isAway = true;
      await worker.said(/the database is away/);
      const listings = sql.json(
        Array.from({ length: 12 }, (_, n) => ({ url: site.catalogue.at(HOST, n)?.url ?? "" })),
      );
      await sql`select enqueue_listings(${listings}, 'https://feed.example/')`;
      assert.notEqual((await health()).body.database.away_since, null);
      assert.equal((await health()).status, 200, "not yet a minute");
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      api.isAway = false;
      await worker.said(/the database is back after \d+ s/);
      await until(
        "its rows are done",
        async () => (await sql`select from import_queue where status <> 'complete'`).length === 0,
      );
      const said = worker.lines.filter(({ message }) => /the database is/.test(message));
      assert.equal(said.length, 2, JSON.stringify(said));
      const body = await until("its run has ended", async () => {
        const { body } = await health();
        return body.queues.import_queue.last_run_at !== null && body;
      });
      const { claimed, done, failed, last_error } = body.queues.import_queue;
      assert.deepEqual([claimed, done, failed, last_error], [12, 12, 0, null]);
    });

    await t.step("it ends in order", async () => {
      worker.kill("SIGTERM");
      assert.equal(await worker.ended, 0);
    });
  } finally {
    await killWorkers();
    await api.stop();
    await world.close();
  }
});

Deno.test("it is not well once the database has been away for a minute", () => {
  const seenAt = Date.parse("2026-01-01T00:00:00Z");
  const watched = {
    name: "pod-1",
    startedAt: seenAt - 60_000,
    stop: new AbortController().signal,
    connection: { seenAt, away: { since: seenAt + 20_000, error: "no answer" } },
    runner: { queues: [] },
    tally: { of: () => ({ claimed: 0, done: 0, failed: 0, handed_back: 0 }) },
  };
  assert.equal(healthOf(watched, seenAt + 59_999).ok, true);
  const health = healthOf(watched, seenAt + 60_000);
  assert.equal(health.ok, false);
  assert.deepEqual(health.database, {
    seen_at: "2026-01-01T00:00:00.000Z",
    away_since: "2026-01-01T00:00:20.000Z",
    error: "no answer",
  });
});

/** A way to the API of a project that can be cut. */
function outageOf(url: string) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    way.requests++;
    if (way.isAway) return new Response("no upstream", { status: 503 });
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const body = method === "GET" ? undefined : await request.arrayBuffer();
    return await fetch(url + pathname + search, { method, headers, body });
  });
  const way = {
    url: `http://127.0.0.1:${server.addr.port}`,
    isAway: false,
    requests: 0,
    stop: () => server.shutdown(),
  };
  return way;
}
