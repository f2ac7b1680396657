/** Pace stands in the database: many processes are as polite as one. */
import assert from "node:assert/strict";
import { mostIn } from "../../../demo/fill/verify/pace.ts";
import { html, playSite } from "../../support/site.ts";
import { withStack } from "../../support/stack.ts";
import { sql as connect } from "../../support/stack.ts";
import { knownHost } from "../fetching/support.ts";
import { killWorkers, startWorker } from "./support.ts";

const INTERVAL_MS = 250;
const SECONDS = 25;

Deno.test("eight processes keep one host's limit in any ten seconds, and read no page twice", async () => {
  await withStack({ cron: false }, async (stack) => {
    await using site = playSite(() => html("<h1>1989 Porsche 911</h1>"));
    const sql = connect(stack);
    try {
      await knownHost(sql, "cars.example", INTERVAL_MS);
      const urls = Array.from({ length: 400 }, (_, n) => `https://cars.example/cars/${n}`);
      const listings = sql.json(urls.map((url) => ({ url })));
      await sql`select enqueue_listings(${listings}, 'https://cars.example/')`;
      const project = { url: stack.url, key: stack.keys.secret, mirrorUrl: site.mirrorUrl };
      const workers = Array.from(
        { length: 8 },
        () =>
          startWorker(project, "--queues", "import_queue", "--concurrency", "2", "--batch", "10"),
      );
      await Promise.all(workers.map((worker) => worker.said(/runs at once/)));
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
      const here = await sql`select sum(places)::int as places from outside_workers`;
      assert.equal(here[0]?.places, 16);
      for (const worker of workers) worker.kill("SIGTERM");
      assert.deepEqual(await Promise.all(workers.map(({ ended }) => ended)), Array(8).fill(0));

      const times = site.requests.map(({ at }) => at).sort((a, b) => a - b);
      const limit = 10_000 / INTERVAL_MS;
      // A request may come a little after its slot on a machine that is busy, so the window is a slot shorter.
      const most = mostIn(times, 10_000 - INTERVAL_MS);
      assert.ok(most <= limit, `${most} requests within ten seconds, and ${limit} is the limit`);
      assert.ok(times.length > 2 * limit, `only ${times.length} requests were made`);
      assert.equal(new Set(site.requests.map(({ url }) => url.href)).size, times.length);
      const left = await sql`select from import_queue where lease_token is not null`;
      assert.equal(left.length, 0, "all that was held was handed back");
    } finally {
      await killWorkers();
      await sql.end();
    }
  });
});
