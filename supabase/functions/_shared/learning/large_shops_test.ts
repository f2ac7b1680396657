import assert from "node:assert/strict";
import { apply } from "./apply.ts";
import { induce } from "./induce.ts";
import { makeBook } from "./testing/books.ts";
import { Chance } from "./testing/chance.ts";
import { LARGE_SHOPS, type LargeShop } from "./testing/large_shops.ts";
import type { FactValue } from "./values/type.ts";

const FIELDS = ["title", "author", "publisher", "isbn", "date", "price"] as const;
/** Pages of each shop that are read. */
const READ = 40;

/** Learned on some pages of each shop, mixed in one row, and applied to the rest. */
function learnedAndRead(
  { seed, learned, stale }: { seed: number; learned: number; stale: number },
) {
  const chance = new Chance(seed);
  const books = Array.from(
    { length: LARGE_SHOPS.length * (learned + READ) },
    () => makeBook(chance),
  );
  const shopOf = (at: number) => LARGE_SHOPS[at % LARGE_SHOPS.length] as LargeShop; // within its length
  const pages = books.map((book, at) => {
    const related = [0, 1, 2, 3].map(() => chance.of(books)).filter((one) => one !== book);
    return shopOf(at)(book, related, chance);
  });
  const first = LARGE_SHOPS.length * learned;
  const facts = books.slice(0, first).map((book) =>
    Object.fromEntries(FIELDS.map((field): [string, FactValue] => [
      field,
      (chance.is(stale) ? chance.of(books) : book)[field],
    ]))
  );
  const map = induce(pages.slice(0, first), facts);
  assert.deepEqual(map.templates.map((template) => template.pages), LARGE_SHOPS.map(() => learned));
  let [stated, right] = [0, 0];
  const wrong: string[] = [];
  for (const [at, page] of pages.entries()) {
    if (at < first) continue;
    const read = apply(map, page);
    for (const field of FIELDS) {
      stated++;
      const got = read[field]?.value;
      if (got === books[at]?.[field]) right++;
      else if (got !== undefined) wrong.push(`${field} "${got}" on page ${at}`);
    }
  }
  return { recall: right / stated, wrong };
}

for (const { learned, stale } of [{ learned: 5, stale: 0 }, { learned: 20, stale: 0.2 }]) {
  Deno.test(`${learned} pages of each of three large shops teach what they show, ${stale} of the facts old`, () => {
    for (const seed of [1, 2, 3]) {
      const { recall, wrong } = learnedAndRead({ seed, learned, stale });
      assert.deepEqual(wrong, []);
      assert.ok(recall >= 0.97, `seed ${seed}: ${recall}`);
    }
  });
}
