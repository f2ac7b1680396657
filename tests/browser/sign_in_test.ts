import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { buildDashboard } from "../../dashboard/server/build.ts";
import { serveDashboard } from "../../dashboard/server/serve.ts";
import { assertSound, browserTest, keepPicture, openTab } from "../support/browser_page.ts";
import { sharedStack } from "../support/stack.ts";

const stack = sharedStack({ cron: false });

async function served(secret: "with" | "without") {
  const { url, keys } = (await stack()).stack;
  return await serveDashboard({
    api: { url, key: keys.publishable },
    secret: secret === "with" ? keys.secret : null,
    port: 0,
  });
}

browserTest("who is not signed in sees a place to sign in, and nothing else", async () => {
  const dashboard = await served("without");
  const tab = await openTab(`${dashboard.url}/#/review`);
  await tab.page.getByRole("heading", { name: "Vehicle database" }).waitFor();
  assert.equal(await tab.page.getByRole("navigation").count(), 0);
  assert.equal(await tab.page.getByRole("button", { name: "local stack" }).count(), 0);
  await assertSound(tab);
  await keepPicture(tab, "sign-in");
  await tab.close();
  await dashboard.stop();
});

browserTest("a wrong password is answered in words", async () => {
  const dashboard = await served("without");
  const tab = await openTab(dashboard.url);
  await tab.page.getByLabel("E-mail").fill("nobody@example.com");
  await tab.page.getByLabel("Password").fill("not this one");
  await tab.page.getByRole("button", { name: "Sign in" }).click();
  await tab.page.getByText("There is no account with this e-mail and password").waitFor();
  await assertSound(tab);
  await tab.close();
  await dashboard.stop();
});

browserTest("one click signs in to the local stack, and signing out leaves nothing", async () => {
  const dashboard = await served("with");
  const tab = await openTab(dashboard.url);
  await tab.page.getByRole("button", { name: "Sign in to the local stack" }).click();
  await tab.page.getByRole("navigation", { name: "Pages" }).waitFor();
  await tab.page.getByText("operator@localhost.example").waitFor();
  await tab.page.getByRole("button", { name: "Sign out" }).click();
  await tab.page.getByRole("button", { name: "Sign in to the local stack" }).waitFor();
  assert.equal(await tab.page.evaluate("JSON.stringify(localStorage)"), "{}");
  await assertSound(tab);
  await tab.close();
  await dashboard.stop();
});

Deno.test("another site's page cannot have an account made, and a secret never leaves", async () => {
  const dashboard = await served("with");
  const { secret } = (await stack()).stack.keys;
  const ask = (headers: Record<string, string>) =>
    fetch(`${dashboard.url}/local/operator`, { method: "POST", headers }).then(async (answer) => {
      await answer.body?.cancel();
      return answer.status;
    });
  assert.equal(await ask({}), 404);
  assert.equal(await ask({ origin: "https://evil.example" }), 404);
  const page = await (await fetch(dashboard.url)).text();
  const script = /src="([^"]+)"/.exec(page)?.[1] ?? "";
  assert.ok(!(page + await (await fetch(`${dashboard.url}/${script}`)).text()).includes(secret));
  await dashboard.stop();
});

Deno.test("all that a browser loads is under 150 kB compressed", async () => {
  const { url, keys } = (await stack()).stack;
  const built = await buildDashboard({ api: { url, key: keys.publishable }, local: true });
  const sizes = [...built].filter(([name]) => name !== "_headers").map(([, bytes]) =>
    gzipSync(bytes).length
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < 150_000, `${total} bytes`);
});

Deno.test("one click is for a stack on this machine only", async () => {
  const api = { url: "https://example.supabase.co", key: "sb_publishable_x" };
  await assert.rejects(serveDashboard({ api, secret: "x", port: 0 }), /on this machine only/);
});
