import assert from "node:assert/strict";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { AUCTION_PAGES, corpusDir, corpusTest, MARKET_PAGES, pageOf } from "./folder.ts";
import { MADE_UP, madeUpPage } from "./made_up.ts";
import { summary } from "./summary.ts";

const GOLDEN = new URL("./golden/", import.meta.url);
const UPDATE = Deno.env.get("UPDATE_GOLDEN") === "1";

/**
 * An adapter whose output changes must raise its version: what older versions exhausted is then
 * read again. Kept beside each page is what its adapter gave; `UPDATE_GOLDEN=1` writes it anew, but
 * not where the version stayed the same.
 */
async function sameAsBefore(name: string, body: string, url: string): Promise<void> {
  const now = summary(
    extract(pageOf(body, url)),
  );
  const file = new URL(`${name.replaceAll("/", "-").replace(/\.(?:html|page)$/, "")}.json`, GOLDEN);
  const before = await Deno.readTextFile(file).then(JSON.parse, () => null) as
    | Record<string, unknown>
    | null;
  const text = JSON.stringify(now, null, 2) + "\n";
  if (UPDATE && before?.scraper !== now.scraper) return await Deno.writeTextFile(file, text);
  const advice = before?.scraper === now.scraper
    ? "the adapter's output changed but its version did not: raise it, then UPDATE_GOLDEN=1"
    : "a new version of the adapter: look at what changed, then UPDATE_GOLDEN=1";
  assert.deepEqual(now, before, advice);
}

for (const [file, url] of Object.entries({ ...AUCTION_PAGES, ...MARKET_PAGES })) {
  corpusTest(`${file} gives what it gave, or the adapter's version was raised`, async () => {
    await sameAsBefore(file, await Deno.readTextFile(`${corpusDir}/${file}`), url);
  });
}

for (const [file, url] of Object.entries(MADE_UP)) {
  Deno.test(`${file} gives what it gave, or the adapter's version was raised`, async () => {
    await sameAsBefore(file, madeUpPage(file), url);
  });
}
