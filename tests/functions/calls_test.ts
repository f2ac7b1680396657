/** Which calls of the API a run of each worker makes: on a hosted project each is time and money. */
import assert from "node:assert/strict";
import { isObject, startCountingApi } from "../../bench/counting_api.ts";
import { startFunctions } from "../support/functions_client.ts";
import { insertListings, startWorld } from "../support/world.ts";

const HOST = "bringatrailer.com";
const MANY = 10;

Deno.test("the calls of a run", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 3 * MANY } } });
  const { site, sql, stack } = world;
  const api = startCountingApi(stack.url);
  const through = { ...world, stack: { ...stack, url: api.url } };
  const functions = await startFunctions(through, [
    "process-import-queue",
    "process-backfill-queue",
    "micro-scrape-bandaid",
  ]);
  const urls = Array.from({ length: 3 * MANY }, (_, n) => site.catalogue.at(HOST, n)?.url ?? "");
  const portion = (nth: number) => urls.slice(nth * MANY, (nth + 1) * MANY);
  /** The addresses that a run called, each once: how often depends on the pace of the machine too. */
  const calledBy = async (name: string, body: Record<string, unknown> = {}) => {
    api.take();
    const { status, text } = await functions.send(name, JSON.stringify(body));
    assert.equal(status, 200, text);
    const answer = JSON.parse(text);
    assert.equal(answer.processed ?? answer.analyzed, MANY, text);
    return [...api.take().keys()].filter((kind) => !isObject(kind)).sort();
  };
  const heal = async (reason: string) => {
    await sql`
      insert into backfill_queue (vehicle_id, reason, source_url)
      select id, ${reason}, discovery_url from vehicles where discovery_url = any (${portion(0)})`;
    return await calledBy("process-backfill-queue");
  };
  try {
    await sql`update fill_policy set galleries = 'none'`;
    await t.step("a worker says once in its life which scrapers it has", async () => {
      const sync = JSON.stringify({ sync_only: true });
      await functions.send("process-backfill-queue", sync);
      assert.deepEqual([...api.take()], [["POST rpc/sync_deployed_scrapers", 1]]);
      await functions.send("process-backfill-queue", sync);
      assert.deepEqual([...api.take()], []);
    });

    await t.step("an import: claim, prepare, record, write, end", async () => {
      await sql`insert into import_queue (listing_url) select unnest(${portion(0)}::text[])`;
      assert.deepEqual(await calledBy("process-import-queue"), [
        "POST rpc/claim_queue",
        "POST rpc/import_listings",
        "POST rpc/invoke_queue_if_due",
        "POST rpc/prepare_fetches",
        "POST rpc/record_fetches",
      ]);
    });

    await t.step("a micro-scrape: the claim opens its record and knows the policy", async () => {
      await insertListings(sql, portion(1));
      const called = await calledBy("micro-scrape-bandaid", { batch_size: MANY });
      assert.deepEqual(called, [
        "POST rpc/apply_extractions",
        "POST rpc/begin_micro_scrape_run",
        "POST rpc/close_micro_scrape_run",
        "POST rpc/prepare_fetches",
        "POST rpc/record_fetches",
      ]);
    });

    await t.step("healing: its vehicles come with the claim", async () => {
      const called = [
        "POST rpc/apply_extractions",
        "POST rpc/claim_queue",
        "POST rpc/invoke_queue_if_due",
        "POST rpc/prepare_fetches",
      ];
      assert.deepEqual(await heal("manual"), [...called, "POST rpc/record_fetches"]);
      // From snapshots nothing is fetched, so that nothing is recorded.
      await sql`update vehicles set sale_status = 'sold' where sale_status = 'live'`;
      assert.deepEqual(await heal("scraper_improved"), called);
    });
  } finally {
    await functions.stop();
    await api.stop();
    await world.close();
  }
});
