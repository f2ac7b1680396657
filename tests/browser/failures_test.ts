/** What the page does when something is wrong with what is behind it, or with the machine it is on. */
import assert from "node:assert/strict";
import type { Request, Route } from "playwright-core";
import {
  assertSound,
  browserTest,
  keepPicture,
  openTab,
  type Tab,
} from "../support/browser_page.ts";
import { dashboardOf, operatorTab } from "../support/dashboard_world.ts";
import { sharedStack } from "../support/stack.ts";

const connected = sharedStack({ cron: false });
const served = async () => await dashboardOf((await connected()).stack);
const RPC = "**/rest/v1/rpc/dashboard";
const region = ({ page }: Tab, name: string) => page.getByRole("region", { name, exact: true });

browserTest(
  "of an empty database each panel says what it means that there is nothing",
  async () => {
    const dashboard = await served();
    const tab = await operatorTab(dashboard);
    await region(tab, "Money").locator(".says").waitFor();
    for (const title of ["This cycle", "Supply", "Hosts", "Coverage", "Maps", "Money"]) {
      const panel = region(tab, title);
      assert.match(await panel.locator(".empty").first().innerText(), /\w+ \w+ \w+/, title);
    }
    assert.equal(await tab.page.locator(".notice-bad").count(), 0);
    assert.doesNotMatch(await tab.page.locator("main").innerText(), /NaN|undefined|null|\[object/);
    await assertSound(tab);
    await keepPicture(tab, "empty");
    await tab.close();
    await dashboard.stop();
  },
);

browserTest(
  "while the API is down the page says so, keeps what it showed, and comes back by itself",
  async () => {
    const dashboard = await served();
    const tab = await operatorTab(dashboard);
    await region(tab, "Money").locator(".says").waitFor();
    await tab.page.route(RPC, (route: Route) => route.abort("connectionrefused"));
    await tab.page.getByLabel("7 days").check();
    await tab.page.getByText("The API does not answer").waitFor();
    await tab.page.getByText(/What is shown is from \d\d:\d\d/).waitFor();
    assert.equal(await region(tab, "Money").locator(".says").count(), 1);
    await assertSound(tab);
    await keepPicture(tab, "api-down");
    await tab.page.unroute(RPC);
    await tab.page.getByText("The API does not answer").waitFor({
      state: "detached",
      timeout: 25_000,
    });
    await tab.close();
    await dashboard.stop();
  },
);

browserTest(
  "a session that has ended leads to signing in, and back to the same place",
  async () => {
    const dashboard = await served();
    const tab = await operatorTab(dashboard, "#/log");
    await tab.page.evaluate(() => {
      const kept = JSON.parse(localStorage.getItem("vehicle-dashboard") ?? "{}");
      const lost = { ...kept, access_token: `${kept.access_token}x`, refresh_token: "lost" };
      localStorage.setItem("vehicle-dashboard", JSON.stringify(lost));
    });
    await tab.page.getByRole("link", { name: "Overview" }).click();
    await tab.page.getByText("Your session has ended. Sign in again.").waitFor();
    assert.equal(await tab.page.getByRole("navigation").count(), 0);
    await assertSound(tab);
    await keepPicture(tab, "session-ended");
    await tab.page.getByRole("button", { name: "Sign in to the local stack" }).click();
    await region(tab, "Money").locator(".says").waitFor();
    await tab.close();
    await dashboard.stop();
  },
);

browserTest("a column that is gone costs one panel, which says what to do", async () => {
  const { sql } = await connected();
  const dashboard = await served();
  await sql`alter table extraction_maps rename column status to status_of_before`;
  try {
    const tab = await operatorTab(dashboard);
    const maps = region(tab, "Maps");
    await maps.getByText("The other panels are not affected").waitFor();
    assert.match(await maps.innerText(), /status.* does not exist/);
    assert.match(await maps.locator("code").innerText(), /db push/);
    assert.equal(await region(tab, "Queues").locator(".says").count(), 1);
    await assertSound(tab);
    await keepPicture(tab, "column-gone");
    await tab.close();
  } finally {
    await sql`alter table extraction_maps rename column status_of_before to status`;
    await dashboard.stop();
  }
});

for (const hours of [-5, 5]) {
  browserTest(
    `with a clock ${hours} h wrong times are the server's, and the session holds`,
    async () => {
      const dashboard = await served();
      const tab = await openTab("about:blank");
      await tab.page.addInitScript(`{
      const { now } = Date;
      const RealDate = Date;
      Date = class extends RealDate {
        constructor(...given) { given.length === 0 ? super(now() + ${hours} * 3600000) : super(...given); }
        static now() { return now() + ${hours} * 3600000; }
      };
    }`);
      await tab.page.goto(dashboard.url);
      await tab.page.getByRole("button", { name: "Sign in to the local stack" }).click();
      await region(tab, "Money").locator(".says").waitFor();
      const here = new Date().toISOString().slice(11, 13);
      assert.match(
        await tab.page.locator(".fresh").innerText(),
        new RegExp(`As of (${here}|${hourAfter(here)}):`),
      );
      await tab.page.getByText(/The clock of this machine is \d h (ahead|behind)/).waitFor();
      const asked: string[] = [];
      tab.page.on("request", (request: Request) => asked.push(new URL(request.url()).pathname));
      await tab.page.getByLabel("7 days").check();
      await tab.page.waitForResponse(/rpc\/dashboard/);
      assert.deepEqual(
        [...new Set(asked)],
        ["/rest/v1/rpc/dashboard"],
        "no new session for each request",
      );
      await tab.close();
      await dashboard.stop();
    },
  );
}

const hourAfter = (hour: string) => String((Number(hour) + 1) % 24).padStart(2, "0");

browserTest("a hidden tab asks nothing, and asks at once when it is looked at again", async () => {
  const dashboard = await served();
  const tab = await openTab("about:blank");
  await tab.page.clock.install();
  await tab.page.goto(dashboard.url);
  await tab.page.getByRole("button", { name: "Sign in to the local stack" }).click();
  await region(tab, "Money").locator(".says").waitFor();
  let asked = 0;
  tab.page.on("request", (request: Request) => {
    if (request.method() === "POST") asked++;
  });
  const answered = () => tab.page.waitForResponse(/rpc\/dashboard/);
  await Promise.all([answered(), tab.page.clock.fastForward(10_500)]);
  assert.equal(asked, 1, "every ten seconds");
  await show(tab, "hidden");
  await tab.page.clock.fastForward(60_000);
  assert.equal(asked, 1, "nothing while it is hidden");
  await Promise.all([answered(), show(tab, "visible")]);
  assert.equal(asked, 2);
  await tab.close();
  await dashboard.stop();
});

async function show({ page }: Tab, state: "hidden" | "visible"): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));`);
}

browserTest("an unknown vehicle, and nothing found, are said in words", async () => {
  const dashboard = await served();
  const tab = await operatorTab(dashboard, `#/vehicle/${crypto.randomUUID()}`);
  await tab.page.getByText(/no vehicle has this id/i).waitFor();
  await tab.page.goto(`${dashboard.url}/#/vehicles/${encodeURIComponent("nothing of the kind")}`);
  await tab.page.getByText("No vehicle fits.").waitFor();
  await tab.page.goto(`${dashboard.url}/#/review`);
  await tab.page.getByText("Nothing is left to review here").waitFor();
  await assertSound(tab);
  await tab.close();
  await dashboard.stop();
});
