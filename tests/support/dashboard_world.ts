/** The dashboard of a database with something wrong in every corner, and its tabs. */
import { type Dashboard, serveDashboard } from "../../dashboard/server/serve.ts";
import type { World } from "../../demo/driver/world.ts";
import { silent } from "../../demo/report/voice.ts";
import { makeTrouble, startTroubleWorld } from "../../demo/trouble/trouble.ts";
import { openTab, type Tab } from "./browser_page.ts";
import { serviceClient, type Stack } from "./stack.ts";

interface Troubled {
  world: World;
  dashboard: Dashboard;
  /** What of the dashboard does not tell of the trouble. */
  wrong: string[];
}

let made: Promise<Troubled> | null = null;

/** One for all tests of a file; it ends with the process. */
export function troubledDashboard(): Promise<Troubled> {
  return made ??= make();
}

async function make(): Promise<Troubled> {
  const world = await startTroubleWorld();
  const { wrong } = await makeTrouble(world, silent);
  return { world, wrong, dashboard: await dashboardOf(world.stack) };
}

/** Serves the dashboard of a stack, signed in by one click. */
export async function dashboardOf(stack: Pick<Stack, "url" | "keys">): Promise<Dashboard> {
  return await serveDashboard({
    api: { url: stack.url, key: stack.keys.publishable },
    secret: stack.keys.secret,
    port: 0,
  });
}

/** A tab in which the local operator is signed in, at a page such as `#/review`. */
export async function operatorTab(
  dashboard: Dashboard,
  hash = "#/",
  options: Parameters<typeof openTab>[1] = {},
): Promise<Tab> {
  const tab = await openTab(`${dashboard.url}/${hash}`, options);
  await tab.page.getByRole("button", { name: "Sign in to the local stack" }).click();
  await tab.page.getByRole("navigation", { name: "Pages" }).waitFor();
  return tab;
}

/** A tab in which somebody with this role is signed in; null is an ordinary user. */
export async function userTab(
  { world, dashboard }: Pick<Troubled, "dashboard"> & { world: Pick<World, "stack"> },
  role: string | null,
  hash = "#/",
): Promise<Tab & { email: string }> {
  const [email, password] = [`${crypto.randomUUID()}@example.com`, crypto.randomUUID()];
  const { error } = await serviceClient(world.stack as Stack).auth.admin.createUser({
    email,
    password,
    email_confirm: true,
    app_metadata: role === null ? {} : { role },
  });
  if (error) throw error;
  const tab = await openTab(`${dashboard.url}/${hash}`);
  await tab.page.getByLabel("E-mail").fill(email);
  await tab.page.getByLabel("Password").fill(password);
  await tab.page.getByRole("button", { name: "Sign in", exact: true }).click();
  return { ...tab, email };
}
