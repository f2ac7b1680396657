/** A process that is killed loses nothing: its leases run out, and another process does its work. */
import assert from "node:assert/strict";
import { startWorld } from "../../support/world.ts";
import { until } from "../../support/until.ts";
import { killWorkers, startWorker } from "./support.ts";

const HOST = "bringatrailer.com";

Deno.test("kill -9 loses nothing: each listing becomes one vehicle, by another process", async () => {
  // With cron: it rescues what the dead held, and would invoke edge functions if nobody was there.
  const world = await startWorld({ site: { counts: { [HOST]: 30 } }, cron: true });
  const { stack, site, sql } = world;
  const project = { url: stack.url, key: stack.keys.secret, mirrorUrl: site.url };
  const urls = Array.from({ length: 30 }, (_, n) => site.catalogue.at(HOST, n)?.url ?? "");
  const rows = () => sql`select status, lease_token from import_queue`;
  try {
    const options = ["--queues", "import_queue", "--concurrency", "1"];
    const killed = startWorker(project, ...options);
    await until("it is here", async () => (await sql`select from outside_workers`).length === 1);
    for (const url of urls) site.setFault(url, { kind: "slow", ms: 4_000 });
    const listings = sql.json(urls.map((url) => ({ url })));
    await sql`select enqueue_listings(${listings}, 'https://feed.example/')`;
    await until("pages are asked for", () => urls.filter((url) => site.count(url) > 0).length >= 8);
    killed.kill("SIGKILL");
    assert.equal(await killed.ended, null);
    site.clearFaults();
    const held = (await rows()).filter(({ lease_token }) => lease_token !== null).length;
    assert.ok(held >= 8, `${held} rows were held`);

    const other = startWorker(project, ...options);
    await until(
      "every listing is a vehicle",
      async () => (await rows()).every(({ status }) => status === "complete"),
      120,
    );
    const [vehicles] = await sql`select count(*)::int as n from vehicles`;
    assert.equal(vehicles?.n, 30);
    const invoked = await sql`
      select from worker_invocations where function_name = 'process-import-queue'`;
    assert.equal(invoked.length, 0, "no edge function was invoked for what is done here");
    const states = await sql`select state from outside_worker_status order by started_at`;
    assert.equal(states.length, 2, "the dead one is still shown");
    other.kill("SIGTERM");
    assert.equal(await other.ended, 0);
    assert.equal((await sql`select from outside_workers`).length, 1);
  } finally {
    await killWorkers();
    await world.close();
  }
});
