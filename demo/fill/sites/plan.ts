/** The forty sites of the day: what each is, and how many listings it has when. */
import type { Markup } from "../../site/listing.ts";

/** What a site does that others do not. */
type Behaviour =
  | "good"
  /** Every page but robots.txt is a bot wall. */
  | "walled"
  /** Its robots.txt forbids all of it. */
  | "forbidden"
  /** Each page marks up other cars too, beside its own. */
  | "related"
  /** From noon on its pages are written in another way. */
  | "changing"
  /** From six until ten every page is a 503. */
  | "failing"
  /** Offers the cars of another site, each under an address of its own. */
  | "duplicating"
  /** After its first cars, each page shows one of five cars of another site. */
  | "lying"
  /** After its first cars, each page shows the VIN, make, model and year of another site's car beside facts of its own. */
  | "copying_vins"
  /** Two pages in five offer no vehicle. */
  | "mixed";

/** Where a site names its listings. */
type Lists =
  /** A sitemap that robots.txt names; `sitemap_gzip`: compressed; `sitemap_index`: by way of an index. */
  | "sitemap"
  | "sitemap_gzip"
  | "sitemap_index"
  /** A feed that the home page names. */
  | "rss"
  /** Pages of cards, the home page is the first. */
  | "index";

export interface FillSite {
  /** 0 to 39, in the order of the plan. */
  index: number;
  host: string;
  kind: "marketplace" | "dealer";
  markup: Markup;
  lists: Lists;
  behaviour: Behaviour;
  /** Listings that stand there when the day begins. */
  stock: number;
  /** Listings that come with each slot of two hours, the first included. */
  perSlot: number;
  /** Whether the agent is told of it; the others it has to find. */
  isSeed: boolean;
  /** The site whose cars it offers too, by index. */
  copies: number | null;
}

/** Slots of two hours in a day. */
export const SLOTS = 12;
/** Of two hours each. */
export const SLOT_MS = 7_200_000;
/** No site has more listings than this: their numbers would meet. */
export const MOST_LISTINGS = 1600;

interface Row {
  name: string;
  markup: Markup;
  lists: Lists;
  behaviour?: Behaviour;
  kind?: FillSite["kind"];
  few?: true;
  isSeed?: true;
  copies?: string;
}

const row = (name: string, markup: Markup, lists: Lists, more: Partial<Row> = {}): Row => ({
  name,
  markup,
  lists,
  ...more,
});

const ROWS: readonly Row[] = [
  // Dealers with JSON-LD, and marketplaces that link to them.
  row("autohalle", "json_ld", "sitemap", { isSeed: true, kind: "marketplace" }),
  row("carboulevard", "json_ld", "sitemap", { isSeed: true, kind: "marketplace" }),
  row("alder-motors", "json_ld", "sitemap", { isSeed: true }),
  row("birch-motors", "json_ld", "sitemap"),
  row("cedar-motors", "json_ld", "sitemap"),
  row("elm-motors", "json_ld", "sitemap"),
  row("hazel-motors", "json_ld", "sitemap"),
  row("juniper-motors", "json_ld", "sitemap"),
  row("larch-motors", "json_ld", "sitemap"),
  row("maple-motors", "json_ld", "sitemap"),
  row("oak-motors", "json_ld", "sitemap"),
  // Microdata.
  row("harbour-cars", "microdata", "sitemap", { isSeed: true, kind: "marketplace" }),
  row("hillside-cars", "microdata", "sitemap"),
  row("lakeside-cars", "microdata", "index", { isSeed: true }),
  row("meadow-cars", "microdata", "index"),
  // Nothing but a sitemap says what stands there.
  row("northgate", "labelled", "sitemap", { isSeed: true }),
  row("southgate", "microdata", "sitemap_gzip", { isSeed: true }),
  row("eastgate", "json_ld", "sitemap_index", { isSeed: true }),
  row("westgate", "json_ld", "sitemap_gzip"),
  row("oldgate", "microdata", "sitemap_index"),
  row("newgate", "microdata", "sitemap"),
  // Nothing but a feed.
  row("daily-wheels", "json_ld", "rss", { isSeed: true }),
  row("fresh-wheels", "microdata", "rss"),
  row("morning-wheels", "json_ld", "rss"),
  row("evening-wheels", "microdata", "rss"),
  // Index pages.
  row("first-lot", "json_ld", "index", { isSeed: true }),
  row("second-lot", "json_ld", "index"),
  row("third-lot", "microdata", "index"),
  row("fourth-lot", "json_ld", "index"),
  row("fifth-lot", "json_ld", "index"),
  // Those that behave otherwise.
  row("walled-garden", "json_ld", "sitemap", { behaviour: "walled", few: true }),
  row("keep-out", "json_ld", "sitemap", { behaviour: "forbidden", few: true }),
  row("see-also", "json_ld", "sitemap", { behaviour: "related", isSeed: true }),
  row("see-more", "json_ld", "sitemap", { behaviour: "related" }),
  row("new-clothes", "json_ld", "sitemap", { behaviour: "changing", isSeed: true }),
  row("out-of-order", "json_ld", "sitemap", { behaviour: "failing", isSeed: true }),
  row("echo-cars", "json_ld", "sitemap", { behaviour: "duplicating", copies: "autohalle" }),
  row("tall-tales", "json_ld", "sitemap", { behaviour: "lying", copies: "autohalle", few: true }),
  row("borrowed-papers", "json_ld", "sitemap", {
    ...{ behaviour: "copying_vins", copies: "carboulevard", isSeed: true },
  }),
  row("flea-market", "json_ld", "sitemap", { behaviour: "mixed", few: true }),
];

const host = (name: string): string => `${name}.example`;

export const FILL_SITES: readonly FillSite[] = ROWS.map((it, index) => ({
  index,
  host: host(it.name),
  kind: it.kind ?? "dealer",
  markup: it.markup,
  lists: it.lists,
  behaviour: it.behaviour ?? "good",
  stock: it.few ? 240 : 520,
  perSlot: it.few ? 30 : 90,
  isSeed: it.isSeed ?? false,
  copies: it.copies === undefined ? null : ROWS.findIndex(({ name }) => name === it.copies),
}));

const BY_HOST = new Map(FILL_SITES.map((site) => [site.host, site]));

/** The site of a host, with or without www; null for any other host. */
export const siteOfHost = (name: string): FillSite | null =>
  BY_HOST.get(name.replace(/^www\./, "")) ?? null;

/** How many listings stand on a site in a slot (0 to 11; later ones add nothing). */
export const standing = (site: FillSite, slot: number): number =>
  site.stock + site.perSlot * Math.min(SLOTS, Math.max(0, slot + 1));

/** The slot with which a listing comes: -1 for those that stand there when the day begins. */
export const slotOf = (site: FillSite, n: number): number =>
  n < site.stock ? -1 : Math.floor((n - site.stock) / site.perSlot);
