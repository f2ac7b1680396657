import assert from "node:assert/strict";
import { KSL, startKslWorld } from "../support/ksl_world.ts";
import { node } from "../support/node.ts";

Deno.test("what came in today, by site: found, added, how good, and what it cost", async () => {
  const world = await startKslWorld();
  const { sql, stack, post, urls } = world;
  try {
    await sql`update vehicles set created_at = now() - interval '3 days'
      where discovery_url = ${urls[0] ?? ""}`;
    await sql`select enqueue_listings('[{"url": "https://cars.ksl.com/listing/1"}]')`;
    const [held] = await sql`select count(*)::int as vehicles from vehicles`;

    const { stdout, code } = await node(stack, ["scripts/today.js", "--json"]);
    assert.equal(code, 0);
    const { sources } = JSON.parse(stdout);
    const [ksl] = sources.filter(({ source }: { source: string }) => source === KSL);
    assert.equal(ksl.vehicles_added, held?.vehicles - 1, "one came three days ago");
    assert.equal(ksl.listings_found, 1);

    const before = ksl.requests;
    await post("scrape-vehicle", { url: urls[1] });
    const [row] = await sql`select requests::int, served_percent::float from today_by_source
      where source = ${KSL}`;
    assert.ok(row?.requests > before, "a fetch is counted");
    assert.equal(row?.served_percent, 100);

    const shown = await node(stack, ["scripts/today.js"]);
    assert.match(shown.stdout, /^site +found +added +improved +facts/);
    assert.match(shown.stdout, /cars\.ksl\.com +1 /);
    assert.doesNotMatch(shown.stdout, /price/, "without a rate there is no price");
    await sql`insert into cost_rates (item, price) values ('request', 0.5)`;
    const priced = await node(stack, ["scripts/today.js"]);
    assert.match(priced.stdout, / price +a vehicle\n/);
  } finally {
    await world.close();
  }
});
