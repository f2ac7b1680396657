import { shorten, tidy } from "../../domain/text.ts";
import { isBaitPrice } from "../../vehicle/money.ts";
import { pictureUrl, safeUrl } from "./address.ts";
import type { IndexEntry, IndexReading, Skipped } from "./reading.ts";

/** Listings of one page, at most: the largest index has about 1,200. */
const MOST = 5_000;

/** How a site's index is to be taken. */
export interface IndexSite {
  slug: string;
  /** The one spelling of a listing's address; `null` when the address is none. */
  listingUrl(url: URL): string | null;
  imageHosts: readonly string[];
  /** Year, maker and model that a title names. */
  readTitle(title: string): { year: number | null; make: string | null; model: string | null };
}

/** A sum, what it is, and in which currency. */
export interface Price {
  amount: number;
  kind: "bid" | "sale" | "asking";
  currency: string | null;
}

/** One listing as it stands in a page, unchecked. */
export interface Listed {
  href: string | null;
  title: string | null;
  price?: Price | null;
  endsAt?: string | null;
  ended?: boolean | null;
  picture?: string | null;
  /** The year that the site files it under, for a title without one. */
  year?: number | null;
  make?: string | null;
  model?: string | null;
  /** Number of the vehicle: a page that lists one vehicle twice gives it once. */
  vin?: string | null;
  raw?: Record<string, unknown>;
}

/** Gathers a page's listings: addresses checked, each once, what is no vehicle apart. */
export class IndexList {
  readonly entries: IndexEntry[] = [];
  readonly skipped: Skipped[] = [];
  readonly #seen = new Set<string>();

  constructor(readonly site: IndexSite, readonly base: string) {}

  /** `why` says why what stands under a title and an address is no vehicle, `null` when it is one. */
  add(listed: Listed, why: (title: string, url: string) => string | null): void {
    if (this.entries.length + this.skipped.length >= MOST) return;
    const title = clean(tidy(listed.title ?? "").slice(0, 300));
    const address = safeUrl(listed.href, this.base);
    const url = address === null ? null : this.site.listingUrl(address);
    if (url === null) {
      const shown = shorten(listed.href ?? "", 300);
      if (this.#isNew(shown)) this.#skip(shown, title, "not an address of this site's listings");
      return;
    }
    if (!this.#isNew(url)) return;
    const none = title === "" ? null : why(title, url);
    if (none !== null) return this.#skip(url, title, none);
    if (listed.vin && !this.#isNew(`vin ${listed.vin}`)) return;
    this.entries.push(this.#entry(url, title, listed));
  }

  /** The reading of a page that is an index. `form` names what was read: "completed auctions". */
  reading(form: string, next: string | null = null): IndexReading {
    const { entries, skipped } = this;
    const reason = `an index (${form}): ${entries.length} listings, ${skipped.length} skipped`;
    return { outcome: "index", reason: reason.slice(0, 500), entries, skipped, next };
  }

  #isNew(key: string): boolean {
    const plain = key.toLowerCase().replace(/^https:\/\/(?:www\.)?/, "").replace(/\/$/, "");
    if (this.#seen.has(plain)) return false;
    this.#seen.add(plain);
    return true;
  }

  #skip(url: string, title: string, why: string): void {
    this.skipped.push({ url: clean(url), title, why: clean(why.slice(0, 300)) });
  }

  #entry(url: string, title: string, listed: Listed): IndexEntry {
    const named = this.site.readTitle(title);
    const price = priceOf(listed.price ?? null);
    const raw = Object.entries(listed.raw ?? {})
      .map(([key, value]) => [key, typeof value === "string" ? clean(value.slice(0, 500)) : value])
      .filter(([, value]) => value !== null && value !== undefined && value !== "");
    return {
      url,
      source: this.site.slug,
      title: title === "" ? null : title,
      year: named.year ?? yearOf(listed.year),
      make: nameOf(listed.make ?? named.make),
      model: nameOf(listed.model ?? named.model),
      price: price?.amount ?? null,
      price_kind: price?.kind ?? null,
      currency: price?.currency ?? null,
      ends_at: listed.endsAt ?? null,
      ended: listed.ended ?? null,
      thumbnail_url: pictureUrl(listed.picture, this.base, this.site.imageHosts),
      raw: Object.fromEntries(raw),
    };
  }
}

/** What a database takes as text: no control characters, no half of a pair. */
function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, " ").toWellFormed().trim();
}

/** A name, at most 120 characters of it; `null` when nothing is left. */
function nameOf(name: string | null): string | null {
  return clean(name?.slice(0, 120) ?? "") || null;
}

/** A sum above nothing, in a real currency; what a seller types to be found is none. */
function priceOf(price: Price | null): Price | null {
  if (price === null || !(price.amount > 0 && price.amount < 1e9)) return null;
  if (price.kind === "asking" && isBaitPrice(price.amount)) return null;
  const currency = /^[A-Z]{3}$/.test(price.currency ?? "") ? price.currency : null;
  return { ...price, currency };
}

function yearOf(year: number | null | undefined): number | null {
  return year && Number.isInteger(year) && year >= 1885 && year <= 2100 ? year : null;
}
