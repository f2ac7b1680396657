import assert from "node:assert/strict";
import { assertSound, browserTest, keepPicture, type Tab } from "../support/browser_page.ts";
import { operatorTab, troubledDashboard, userTab } from "../support/dashboard_world.ts";

const title = ({ page }: Tab) => page.locator("#doubt").innerText();
const said = ({ page }: Tab) => page.locator(".review-said");

browserTest("ten values are reviewed by keyboard alone, and each decision is kept", async () => {
  const { dashboard, world } = await troubledDashboard();
  const tab = await operatorTab(dashboard, "#/review");
  await tab.page.locator("#doubt").waitFor();
  await keepPicture(tab, "review");
  await assertSound(tab);
  for (let n = 1; n <= 10; n++) {
    const before = await title(tab);
    await Promise.all([
      tab.page.waitForResponse(/rpc\/operator_review/),
      tab.page.keyboard.press(n % 3 === 0 ? "r" : "a"),
    ]);
    await tab.page.getByText(new RegExp(`^${n} decided`)).waitFor();
    await said(tab).filter({ hasText: /: \S/ }).waitFor();
    assert.notEqual(await tab.page.locator(".review-said.notice").count(), 1, before);
  }
  await keepPicture(tab, "review-after-ten");
  const [kept] = await world.sql`
    select count(*)::integer as decided from operator_actions where action = 'review' and outcome = 'done'`;
  assert.equal(kept?.decided, 10);
  await tab.close();
});

browserTest("j and k go on and back, c corrects, and typing decides nothing", async () => {
  const { dashboard, world } = await troubledDashboard();
  const tab = await operatorTab(dashboard, "#/review");
  await tab.page.locator("#doubt").waitFor();
  // How long ago a page was read counts on by itself.
  const card = async () =>
    (await tab.page.locator(".doubt").innerText()).replace(/read .* ago/g, "read");
  const first = await card();
  await tab.page.keyboard.press("j");
  assert.notEqual(await card(), first);
  await tab.page.keyboard.press("k");
  assert.equal(await card(), first);
  await tab.page.keyboard.press("c");
  const field = tab.page.getByRole("textbox");
  await field.waitFor();
  await field.fill("arj");
  assert.equal(await card(), first, "letters typed are letters");
  await tab.page.keyboard.press("Escape");
  await tab.page.getByRole("button", { name: "Correct it" }).waitFor();
  const [open] = await world.sql`
    select count(*)::integer as n from operator_actions where args ->> 'p_value' = 'arj'`;
  assert.equal(open?.n, 0);
  await tab.close();
});

browserTest("of two operators at one value the second is told who was first", async () => {
  const troubled = await troubledDashboard();
  const [first, second] = [
    await userTab(troubled, "operator", "#/review"),
    await userTab(troubled, "operator", "#/review"),
  ];
  for (const tab of [first, second]) await tab.page.locator("#doubt").waitFor();
  assert.equal(await title(first), await title(second));
  await first.page.keyboard.press("a");
  await said(first).filter({ hasText: /: \S/ }).waitFor();
  await second.page.keyboard.press("r");
  await said(second).filter({ hasText: first.email }).waitFor();
  await assertSound(second);
  await keepPicture(second, "review-second-operator");
  await first.close();
  await second.close();
});

browserTest(
  "the page that was kept stands beside its value as text, with the value marked",
  async () => {
    const { dashboard, world } = await troubledDashboard();
    const [car] = await world.sql<{ id: string; make: string }[]>`
    select v.id, v.make from vehicles v
    where v.make is not null and exists (select from page_snapshots s where s.canonical_url = canonical_listing_url(v.discovery_url))
    order by v.created_at limit 1`;
    const tab = await operatorTab(dashboard, `#/vehicle/${car?.id}`);
    await tab.page.getByRole("button", { name: "Compare" }).first().click();
    const kept = tab.page.getByRole("region", { name: "The page as it was kept, as text" });
    await kept.locator("mark").filter({ hasText: car?.make ?? "" }).first().waitFor();
    assert.equal(await kept.locator("a, img, script, style").count(), 0, "its markup is left out");
    await tab.page.locator(".pictures img").first().waitFor();
    await assertSound(tab);
    await keepPicture(tab, "vehicle");
    await tab.page.goto(`${dashboard.url}/#/review`);
    await tab.page.locator("#doubt").waitFor();
    await tab.page.keyboard.press("p");
    await kept.locator("mark").first().waitFor();
    await keepPicture(tab, "review-page");
    await tab.close();
  },
);

browserTest("text of a listing stays text: in its title and in its comments", async () => {
  const { dashboard, world } = await troubledDashboard();
  const title = '<img src=x onerror="document.body.dataset.broken=1">';
  const comment = "<script>document.body.dataset.broken=1</script>";
  const address = "https://bringatrailer.com/listing/hostile";
  const [car] = await world.sql<{ id: string }[]>`
    insert into vehicles (discovery_url, year, make, model)
    values ('https://hillside.example/cars/hostile', 1990, 'Saab', ${title}) returning id`;
  await world.sql`
    with auction as (
      insert into auction_events (vehicle_id, source_url, outcome)
      values (${car?.id ?? ""}, canonical_listing_url(${address}), 'live') returning id
    )
    insert into auction_comments (auction_event_id, source_id, author, body)
    select id, '1', ${title}, ${comment} from auction`;
  const tab = await operatorTab(dashboard, `#/vehicle/${car?.id}`);
  await tab.page.getByRole("heading", { name: title }).waitFor();
  await tab.page.getByText("1 comment").click();
  await tab.page.getByText(comment).waitFor();
  assert.equal(await tab.page.locator("img[src=x], main script").count(), 0);
  assert.equal(await tab.page.evaluate("document.body.dataset.broken"), undefined);
  await keepPicture(tab, "vehicle-hostile");
  await assertSound(tab);
  await tab.close();
});
