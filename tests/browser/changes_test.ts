/** What operators change from the page: the policy, a rate, a value, a pair of vehicles. */
import assert from "node:assert/strict";
import { assertSound, browserTest } from "../support/browser_page.ts";
import { dashboardOf, operatorTab } from "../support/dashboard_world.ts";
import { sharedStack } from "../support/stack.ts";

const connected = sharedStack({ cron: false });
const served = async () => await dashboardOf((await connected()).stack);

browserTest(
  "the target is changed; what another operator changed meanwhile is not written over",
  async () => {
    const { sql } = await connected();
    const dashboard = await served();
    const tab = await operatorTab(dashboard);
    const cycle = tab.page.getByRole("region", { name: "This cycle" });
    await cycle.getByText("Policy: target, floors and ceilings").click();
    const target = cycle.getByLabel("Vehicles wanted in two hours");
    const said = cycle.getByRole("status").last();
    await target.fill("700");
    await cycle.getByRole("button", { name: "Change the policy" }).click();
    await said.filter({ hasText: "target" }).waitFor();
    const policy = async () => (await sql`select target, workers_ceiling from fill_policy`)[0];
    assert.equal((await policy())?.target, 700);

    await target.fill("800");
    await sql`update fill_policy set workers_ceiling = 9`;
    await Promise.all([
      tab.page.waitForResponse(/rpc\/dashboard/),
      tab.page.getByLabel("7 days").check(),
    ]);
    await cycle.getByRole("button", { name: "Change the policy" }).click();
    await said.filter({ hasText: "not any more what you saw" }).waitFor();
    assert.deepEqual({ ...await policy() }, { target: 700, workers_ceiling: 9 });
    await assertSound(tab);
    await tab.close();
    await dashboard.stop();
  },
);

browserTest("a rate that is given makes prices", async () => {
  const { sql } = await connected();
  const dashboard = await served();
  const tab = await operatorTab(dashboard);
  const money = tab.page.getByRole("region", { name: "Money" });
  await money.getByText("no rates").waitFor();
  await money.getByText("Give a rate").click();
  await money.getByLabel("Price").fill("2");
  await money.getByRole("button", { name: "Keep it" }).click();
  await money.getByText("no rates").waitFor({ state: "detached" });
  const [rate] = await sql`select item, price::float as price, per::float as per from cost_rates`;
  assert.deepEqual({ ...rate }, { item: "request", price: 2, per: 1_000_000 });
  await money.getByRole("option", { name: "a request: 2 for 1000000" }).waitFor({
    state: "attached",
  });

  // What another operator gives meanwhile is not written over.
  await sql`update cost_rates set price = 3`;
  await money.getByLabel("Price").fill("4");
  await money.getByRole("button", { name: "Keep it" }).click();
  await money.getByRole("status").filter({ hasText: "it is 3 for 1000000 now" }).waitFor();
  assert.equal((await sql`select price::float as price from cost_rates`)[0]?.price, 3);
  await tab.close();
  await dashboard.stop();
});

browserTest("a value is set by hand, and given back to the pages", async () => {
  const { sql } = await connected();
  const [car] = await sql<{ id: string }[]>`
    insert into vehicles (discovery_url, year, make, model, color)
    values ('https://cars.example/1', 1990, 'Saab', '900', 'Red') returning id`;
  const dashboard = await served();
  const tab = await operatorTab(dashboard, `#/vehicle/${car?.id}`);
  await tab.page.getByRole("button", { name: "Color", exact: true }).click();
  await tab.page.getByLabel("What it is").fill("Talladega Red");
  await tab.page.getByRole("button", { name: "Set it by hand" }).click();
  await tab.page.getByText("Talladega Red").first().waitFor();
  await assertSound(tab);
  const color = async () =>
    (await sql`select color from vehicles where id = ${car?.id ?? ""}`)[0]?.color;
  assert.equal(await color(), "Talladega Red");
  await tab.page.getByRole("heading", { name: "What operators did" }).waitFor();
  await tab.page.getByRole("button", { name: "Give it back to the pages" }).click();
  await tab.page.getByRole("region", { name: "What operators did" }).getByText(
    /is the pages' again/,
  )
    .waitFor();
  const [deed] = await sql`select action, outcome from operator_actions order by id desc limit 1`;
  assert.deepEqual({ ...deed }, { action: "release_field", outcome: "done" });
  await tab.close();
  await dashboard.stop();
});

browserTest("two vehicles that may be one are merged from the page of either", async () => {
  const { sql } = await connected();
  const cars = await sql<{ id: string }[]>`
    insert into vehicles (discovery_url, year, make, model, vin)
    select 'https://cars.example/same/' || n, 1990, 'Saab', '900', 'YS3AL76L1L7002345' from generate_series(1, 2) n
    returning id`;
  const [first = "", second = ""] = cars.map(({ id }) => id).sort();
  await sql`
    insert into vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
    values (${first}, ${second}, 'YS3AL76L1L7002345') on conflict do nothing`;
  const dashboard = await served();
  const tab = await operatorTab(dashboard, `#/vehicle/${first}`);
  await tab.page.getByRole("button", { name: "One car: merge them" }).click();
  await tab.page.getByRole("heading", { name: "May be the same car" }).waitFor({
    state: "detached",
  });
  const [left] =
    await sql`select count(*)::integer as n from vehicles where id in (${first}, ${second})`;
  assert.equal(left?.n, 1);
  await tab.close();
  await dashboard.stop();
});
