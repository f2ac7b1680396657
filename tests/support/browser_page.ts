/** The dashboard in a real browser, for tests: what it shows, and whatever went wrong in it. */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { projectRoot } from "../../local/paths.ts";
import { findChromium, launch } from "./browser.ts";

const chromium = await findChromium();
let started: Promise<Browser> | null = null;

/** A test in a browser; where none can be had it is skipped, by name. */
export function browserTest(name: string, run: () => Promise<void>): void {
  const missing = "missing" in chromium ? chromium.missing : null;
  Deno.test({
    name: missing === null ? name : `${name} (${missing})`,
    ignore: missing !== null,
    // Browser and stack outlive each test of a file.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: run,
  });
}

/** A tab, and what went wrong in it. */
export interface Tab {
  page: Page;
  /** Errors of the page, and what its policy refused. */
  problems: string[];
  close(): Promise<void>;
}

/** Opens a tab of a new visitor, in the time zone of UTC. */
export async function openTab(url: string, options: BrowserContextOptions = {}): Promise<Tab> {
  if ("missing" in chromium) throw new Error(chromium.missing);
  started ??= launch(chromium.found);
  const context = await (await started).newContext({
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) problems.push(message.text());
  });
  await page.addInitScript(() => {
    addEventListener(
      "securitypolicyviolation",
      (event: Event) => console.error("content security policy:", event),
    );
  });
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe-core finds wrong and calls serious or critical, each with where. */
async function seriousFindings(page: Page): Promise<string[]> {
  // Over the debugger's protocol, which the page's policy does not bind.
  await page.evaluate(axe.source);
  const { violations, passes }: { violations: Finding[]; passes: Finding[] } = await page
    .evaluate("axe.run(document)");
  assert.ok(passes.length > 5, "axe-core looked at the page");
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}\n${node.failureSummary}`));
}

/** No error, nothing refused by the policy, nothing serious for who cannot see or point. */
export async function assertSound({ page, problems }: Tab): Promise<void> {
  assert.deepEqual(problems, []);
  assert.deepEqual(await seriousFindings(page), []);
}

/** Keeps what a tab shows, whole or what is in sight, where `SCREENSHOTS` says; nothing without it. */
export async function keepPicture({ page }: Tab, name: string, fullPage = true): Promise<void> {
  const dir = Deno.env.get("SCREENSHOTS");
  if (dir === undefined) return;
  await page.screenshot({ path: resolve(projectRoot, dir, `${name}.png`), fullPage });
}
