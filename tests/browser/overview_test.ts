import assert from "node:assert/strict";
import type { Request } from "playwright-core";
import { assertSound, browserTest, keepPicture } from "../support/browser_page.ts";
import { operatorTab, troubledDashboard, userTab } from "../support/dashboard_world.ts";

const PANELS = [
  ...["This cycle", "Supply", "Queues", "Hosts", "Sources", "Coverage", "Truth", "Maps", "Money"],
];

Deno.test({
  name: "the answer of one call tells of each trouble, and no panel has an error",
  // The stack outlives each test of the file.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    assert.deepEqual((await troubledDashboard()).wrong, []);
  },
});

browserTest(
  "the panels tell what is wrong, each with its numbers, in one request a poll",
  async () => {
    const { dashboard } = await troubledDashboard();
    const tab = await operatorTab(dashboard);
    const asked: string[] = [];
    for (const title of PANELS) {
      const panel = tab.page.getByRole("region", { name: title, exact: true });
      await panel.locator(".says").waitFor();
      assert.notEqual(await panel.locator(".stat").count(), 0, title);
    }
    assert.equal(await tab.page.locator(".notice-bad").count(), 0);
    tab.page.on(
      "request",
      (request: Request) => request.method() === "POST" && asked.push(request.url()),
    );
    await tab.page.getByLabel("7 days").check();
    await tab.page.waitForResponse(/rpc\/dashboard/);
    // The next poll may have come, too, on a machine that is busy.
    assert.deepEqual([...new Set(asked.map((url) => new URL(url).pathname))], [
      "/rest/v1/rpc/dashboard",
    ]);
    assert.ok(asked.length <= 3, `${asked.length} requests`);
    await assertSound(tab);
    await tab.close();
  },
);

browserTest("a new operator finds the answers on the page", async () => {
  const { dashboard, world } = await troubledDashboard();
  const tab = await operatorTab(dashboard);
  const panel = (title: string) => tab.page.getByRole("region", { name: title, exact: true });
  await panel("Money").locator(".says").waitFor();
  const text = async (title: string) => (await panel(title).innerText()).replace(/\s+/g, " ");
  assert.match(await text("Is it running"), /walled\.example/);
  assert.match(await text("Hosts"), /walled\.example, asked again at \d\d:\d\d/);
  assert.match(await text("Supply"), /bringatrailer\.com \d/);
  assert.match(await text("Coverage"), /mileage is held by \d+ of 100 vehicles of this week/);
  assert.match(await text("Money"), /[1-9]\.\d\d yesterday/);
  await panel("Queues").getByRole("button", { name: /server_error|bringatrailer\.com/ }).first()
    .click();
  assert.match(await text("Queues"), /Put it back|Put all of them back/);
  const [doubted] = await world.sql<{ id: string }[]>`
    select vehicle_id as id from extraction_metadata where validation_status = 'conflict' limit 1`;
  await tab.page.goto(`${dashboard.url}/#/vehicle/${doubted?.id}`);
  await panel("Pages disagree").waitFor();
  assert.match(await text("Pages disagree"), /is held: .* says [a-z.]+, [\d.]+ % sure/);
  await assertSound(tab);
  await tab.close();
});

/** What reaches beyond the card that it stands in, where nothing between them scrolls or hides. */
const BEYOND_THEIR_CARD = `
  [...document.querySelectorAll(".hero, .panel")].flatMap((card) => {
    const isHeld = (one) => one !== card &&
      (getComputedStyle(one).overflowX !== "visible" || isHeld(one.parentElement));
    return [...card.querySelectorAll(":not(.unseen)")]
      .filter((one) => one.getBoundingClientRect().right > card.getBoundingClientRect().right + 1 && !isHeld(one))
      .map((one) => one.tagName + "." + one.className);
  })`;

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [360, 768, 1440, 2560]) {
    browserTest(
      `${width} px, ${colorScheme}: nothing is cut off, and all can be read`,
      async () => {
        const { dashboard } = await troubledDashboard();
        const viewport = { width, height: 900 };
        const tab = await operatorTab(dashboard, "#/", { colorScheme, viewport });
        await tab.page.locator(".panel-money .says").waitFor();
        const wide: number = await tab.page.evaluate("document.documentElement.scrollWidth");
        assert.ok(wide <= width, `${wide} px of content`);
        assert.deepEqual(await tab.page.evaluate(BEYOND_THEIR_CARD), []);
        await assertSound(tab);
        await keepPicture(tab, `overview-${width}-${colorScheme}`);
        if (width === 1440 && colorScheme === "light") {
          await tab.page.setViewportSize({ width, height: 1360 });
          await tab.page.getByText(/^As of /).click();
          await keepPicture(tab, "dashboard", false);
        }
        await tab.close();
      },
    );
  }
}

browserTest("dead letters are put back, and the log says who did it", async () => {
  const { dashboard, world } = await troubledDashboard();
  const tab = await userTab({ dashboard, world }, "operator");
  const queues = tab.page.getByRole("region", { name: "Queues", exact: true });
  await queues.getByRole("button", { name: /server_error|bringatrailer\.com/ }).first().click();
  await queues.getByRole("button", { name: /^Put/ }).first().click();
  await queues.getByRole("status").filter({ hasText: /put back/ }).waitFor();
  await tab.page.getByRole("link", { name: "Log" }).click();
  await tab.page.getByText(tab.email).first().waitFor();
  await assertSound(tab);
  await keepPicture(tab, "log");
  const [kept] = await world
    .sql`select action, outcome from operator_actions order by id desc limit 1`;
  assert.deepEqual({ ...kept }, { action: "redrive", outcome: "done" });
  await tab.close();
});

browserTest("a source that waits is approved from its row", async () => {
  const { dashboard, world } = await troubledDashboard();
  const tab = await operatorTab(dashboard);
  const sources = tab.page.getByRole("region", { name: "Sources", exact: true });
  await sources.getByRole("button", { name: /hillside\.example/ }).click();
  await sources.getByRole("button", { name: "Approve", exact: true }).click();
  await sources.getByRole("status").filter({ hasText: /\w/ }).waitFor();
  const [site] = await world
    .sql`select lifecycle from scrape_sources where slug = 'hillside_example'`;
  assert.equal(site?.lifecycle, "probation");
  await assertSound(tab);
  await tab.close();
});

browserTest("an ordinary user is told so, and sees nothing", async () => {
  const tab = await userTab(await troubledDashboard(), null);
  await tab.page.getByRole("heading", { name: "You are no operator" }).waitFor();
  assert.equal(await tab.page.getByRole("navigation").count(), 0);
  assert.match(await tab.page.locator("main").innerText(), new RegExp(`signed in as ${tab.email}`));
  await assertSound(tab);
  await keepPicture(tab, "no-operator");
  await tab.close();
});
