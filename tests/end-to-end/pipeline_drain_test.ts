import assert from "node:assert/strict";
import { drain, enqueue, HOST, openPipeline } from "../../bench/pipeline_drain.ts";
import { planPipeline } from "../../bench/pipeline_plan.ts";
import { asked, verify } from "../../bench/pipeline_verify.ts";
import { orphans } from "../../bench/pipeline_watch.ts";

const SEED = "drain";
const CARS = 106;
/** Twenty-five requests a second over all workers: less than they could. */
const RATE_MS = 40;

Deno.test("four workers, two of them killed, a site with faults: every listing ends right, once", async () => {
  const pipeline = await openPipeline({ counts: { [HOST]: CARS }, images: [1, 2] }, RATE_MS);
  const { site, sql } = pipeline;
  try {
    // Shorter than in production, so that a dead worker's listings are free soon; heartbeats come each 10 s.
    await sql`update private.leased_tables set lease = '12 seconds' where table_name = 'import_queue'`;
    const urls = [...site.catalogue.all(), ...site.catalogue.extras()].map((it) => it.url);
    const planned = planPipeline(site, urls, {
      seed: SEED,
      transient: 0.15,
      removed: 0.05,
      walled: 0.03,
      timeouts: 0,
    });
    for (const fate of ["vehicle", "non_vehicle", "gone", "walled"]) {
      assert.ok(planned.some((it) => it.fate === fate), `no listing is planned as ${fate}`);
    }
    await enqueue(sql, urls, "a feed");
    // The same listings under other spellings are no others.
    await enqueue(sql, urls.map((url) => `${url.replace("//", "//www.")}?utm_source=x`), "a feed");

    const { kills, ended } = await drain(pipeline, {
      feed: "a feed",
      planned,
      workers: 4,
      kills: 2,
      seed: SEED,
    });
    assert.equal(ended, planned.filter((it) => it.fate !== "walled").length);

    const { problems, vehicles } = await verify(sql, site, planned);
    assert.deepEqual(problems, []);
    assert.equal(vehicles, planned.filter((it) => it.fate === "vehicle").length - 4);

    assert.equal(kills.length, 2);
    const left = await orphans(sql, kills);
    assert.ok(left.rows > 0, "nobody was killed with a listing leased");
    assert.ok(left.longest <= 60, `${left.longest} s until a listing was leased again`);

    const { most, allowed } = asked(site, RATE_MS);
    assert.ok(most <= allowed, `${most} requests in 5 s, the rate allows ${allowed}`);
    // Once, once more after a fault, and once more when a worker died that had read it.
    const ids = new Map((await sql<{ id: string; url: string }[]>`
      select id, listing_url as url from import_queue`).map((row) => [row.url, row.id]));
    const hit = new Set(kills.flatMap((it) => it.rows));
    for (const { url, fate, trouble } of planned) {
      if (fate === "walled") continue;
      const wanted = 1 + (trouble === null ? 0 : 1) + (hit.has(ids.get(url) ?? "") ? 1 : 0);
      assert.ok(site.count(url) <= wanted, `${url} was fetched ${site.count(url)} times`);
    }
  } finally {
    await pipeline.close();
  }
});
