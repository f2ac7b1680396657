import type { FactValue } from "../values/type.ts";
import { type Book, makeBook } from "./books.ts";
import { Chance } from "./chance.ts";
import { makeShop, type Shop } from "./shop.ts";

/** A page of a shop, and what it states. */
export interface ShopPage {
  shop: number;
  html: string;
  truth: Record<string, FactValue | null>;
  /** What somebody holds to be true: the truth, but for the facts that are stale. */
  facts: Record<string, FactValue | null>;
}

interface Wishes {
  seed: number;
  /** So many shops, whose pages are mixed. */
  shops: number;
  pagesEach: number;
  /** Share of the facts that are another book's or an older price. */
  stale?: number;
  /** Share of the pages that have the optional fields. */
  optional?: number;
  rows?: Shop["layout"]["rows"];
}

/** Pages of made-up book shops, mixed in one row. */
export function makePages(
  { seed, shops, pagesEach, stale = 0, optional = 1, rows }: Wishes,
): ShopPage[] {
  const chance = new Chance(seed);
  const all = Array.from({ length: shops }, () => makeShop(chance, rows));
  const books = Array.from({ length: shops * pagesEach }, (): Book => {
    const book = makeBook(chance);
    return {
      ...book,
      pages: chance.is(optional) ? book.pages : null,
      series: chance.is(optional) ? book.series : null,
    };
  });
  return books.map((book, at): ShopPage => {
    const shop = at % shops;
    const related = Array.from({ length: 1 + chance.below(4) }, () => chance.of(books)).filter((
      one,
    ) => one !== book);
    const html =
      all[shop]?.page(book, related.length === 0 ? [makeBook(chance)] : related, chance) ?? "";
    const truth: ShopPage["truth"] = { ...book };
    const other: ShopPage["truth"] = { ...chance.of(books) };
    const facts = Object.fromEntries(
      Object.entries(truth).map((
        [field, value],
      ) => [field, value !== null && chance.is(stale) ? other[field] ?? value : value]),
    );
    return { shop, html, truth, facts };
  });
}

/** How well a map reads pages: found of what they state, wrong, and invented where they state nothing. */
export function score(
  pages: readonly ShopPage[],
  read: (html: string) => Record<string, { value: FactValue }>,
): { stated: number; right: number; wrong: string[]; invented: string[] } {
  const total = { stated: 0, right: 0, wrong: [] as string[], invented: [] as string[] };
  for (const [at, { html, truth }] of pages.entries()) {
    const found = read(html);
    for (const [field, value] of Object.entries(truth)) {
      const got = found[field]?.value;
      if (value !== null) total.stated++;
      if (got === undefined) continue;
      if (value === null) total.invented.push(`page ${at}: ${field} ${got}`);
      else if (same(got, value)) total.right++;
      else total.wrong.push(`page ${at}: ${field} ${got}, not ${value}`);
    }
  }
  return total;
}

function same(one: FactValue, other: FactValue): boolean {
  return one === other || String(one).replaceAll("’", "'") === String(other).replaceAll("’", "'");
}
