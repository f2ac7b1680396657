/** Where the sites name their listings: robots.txt, sitemaps, feeds, index pages, a home page. */
import { gzipSync } from "node:zlib";
import { html } from "../../site/answers.ts";
import { escapeHtml, scriptJson } from "../../site/markup/text.ts";
import { listingOf } from "./listing.ts";
import { FILL_SITES, type FillSite, SLOT_MS, slotOf, standing } from "./plan.ts";

/** Entries of a feed, cards of an index page, addresses of a part of a sitemap. */
const FEED_ITEMS = 200;
const CARDS = 100;
const PART = 500;

/** What a list shows now. */
interface Shown {
  site: FillSite;
  slot: number;
  /** Midnight of the day, epoch milliseconds. */
  dayStart: number;
}

/** When a listing came: stock within the ten days before, the others with their slot. */
const cameAt = ({ site, dayStart }: Shown, n: number): Date => {
  const slot = slotOf(site, n);
  const at = slot < 0 ? dayStart - ((site.stock - n) % 240) * 3_600_000 : dayStart + slot * SLOT_MS;
  return new Date(at);
};

/** The numbers that stand there, newest first. */
const newestFirst = ({ site, slot }: Shown): number[] => {
  const count = standing(site, slot);
  return Array.from({ length: count }, (_, i) => count - 1 - i);
};

/** The dealers of a marketplace, a third of the sites that are no seeds: it names their sitemaps and feeds beside its own. */
const dealersOf = (site: FillSite): FillSite[] =>
  site.kind === "marketplace"
    ? FILL_SITES.filter((it) => !it.isSeed && it.index % 3 === site.index % 3)
    : [];

const SITEMAPS = {
  sitemap: "/sitemap.xml",
  sitemap_gzip: "/sitemap.xml.gz",
  sitemap_index: "/sitemap_index.xml",
  rss: null,
  index: null,
} as const;

function robotsOf(site: FillSite): string {
  if (site.behaviour === "forbidden") return "User-agent: *\nDisallow: /\n";
  const common = "User-agent: *\nDisallow: /checkout/\n";
  const named = [site, ...dealersOf(site)].flatMap(({ host, lists }) =>
    SITEMAPS[lists] === null ? [] : [`Sitemap: https://${host}${SITEMAPS[lists]}\n`]
  );
  return common + named.join("");
}

function urlSet(shown: Shown, numbers: readonly number[]): string {
  const { site } = shown;
  const pages = ["/about", "/contact", "/finance"].map((path) =>
    `<url><loc>https://${site.host}${path}</loc></url>`
  );
  const listings = numbers.map((n) =>
    `<url><loc>${escapeHtml(listingOf(site, n).url)}</loc><lastmod>${
      cameAt(shown, n).toISOString()
    }</lastmod></url>`
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${[...pages, ...listings].join("\n")}
</urlset>`;
}

function sitemapIndex(shown: Shown): string {
  const { site, slot } = shown;
  const parts = Math.ceil(standing(site, slot) / PART);
  const entries = Array.from({ length: parts }, (_, part) => {
    const last = Math.min(standing(site, slot), (part + 1) * PART) - 1;
    return `<sitemap><loc>https://${site.host}/sitemap-${part}.xml.gz</loc><lastmod>${
      cameAt(shown, last).toISOString()
    }</lastmod></sitemap>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${
    entries.join("\n")
  }</sitemapindex>`;
}

function rss(shown: Shown): string {
  const { site } = shown;
  const items = newestFirst(shown).slice(0, FEED_ITEMS).map((n) => {
    const { title, url, askingPrice } = listingOf(site, n);
    return `<item><title>${escapeHtml(title)}</title><link>${escapeHtml(url)}</link><guid>${
      escapeHtml(url)
    }</guid><pubDate>${cameAt(shown, n).toUTCString()}</pubDate><description>${
      escapeHtml(`${title}, asking $${askingPrice}`)
    }</description></item>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>${site.host}: cars for sale</title><link>https://${site.host}/</link>
<description>New in stock</description>${items.join("\n")}</channel></rss>`;
}

function indexPage(shown: Shown, page: number): string {
  const { site } = shown;
  const all = newestFirst(shown);
  const pages = Math.ceil(all.length / CARDS);
  const listings = all.slice((page - 1) * CARDS, page * CARDS).map((n) => listingOf(site, n));
  const list = {
    "@context": "https://schema.org",
    "@type": "ItemList",
    numberOfItems: all.length,
    itemListElement: listings.map((it, at) => ({
      "@type": "ListItem",
      position: at + 1,
      item: {
        "@type": "Car",
        name: it.title,
        url: it.url,
        brand: it.car.make,
        model: it.car.model,
        vehicleModelDate: String(it.car.year),
        offers: { "@type": "Offer", price: it.askingPrice, priceCurrency: "USD" },
      },
    })),
  };
  const next = page < pages
    ? `<link rel="next" href="https://${site.host}/?page=${page + 1}">`
    : "";
  const cards = listings.map((it) =>
    `<li class="card"><a href="${new URL(it.url).pathname}">${escapeHtml(it.title)}</a></li>`
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cars for sale, page ${page} | ${site.host}</title>
${next}<script type="application/ld+json">${scriptJson(list)}</script></head>
<body><h1>${all.length} cars for sale</h1><ul>${cards.join("\n")}</ul></body></html>`;
}

/** A home page that lists nothing; it names the feed, and a marketplace's names its dealers. */
function homePage({ site }: Shown): string {
  const feed = [site, ...dealersOf(site)].filter(({ lists }) => lists === "rss").map(({ host }) =>
    `<link rel="alternate" type="application/rss+xml" title="${host}" href="https://${host}/feed.xml">`
  ).join("");
  const dealers = dealersOf(site).map(({ host }) =>
    `<li><a href="https://${host}/">${host.split(".")[0]}</a></li>`
  ).join("\n");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${site.host}</title>${feed}</head>
<body><h1>Welcome</h1><p>We buy and sell cars.</p><ul>${dealers}</ul></body></html>`;
}

const xml = (body: string, type = "application/xml"): Response =>
  new Response(body, { headers: { "content-type": `${type}; charset=utf-8` } });

const gzip = (body: string): Response =>
  new Response(new Uint8Array(gzipSync(body)), { headers: { "content-type": "application/gzip" } });

/** The answer for an address that is a list or the home page; null for any other. */
export function listAnswer(shown: Shown, path: string, search: string): Response | null {
  const { site, slot } = shown;
  const { lists } = site;
  const part = /^\/sitemap-(\d+)\.xml\.gz$/.exec(path)?.[1];
  if (path === "/robots.txt") return xml(robotsOf(site), "text/plain");
  if (lists === "sitemap" && path === "/sitemap.xml") return xml(urlSet(shown, newestFirst(shown)));
  if (lists === "sitemap_gzip" && path === "/sitemap.xml.gz") {
    return gzip(urlSet(shown, newestFirst(shown)));
  }
  if (lists === "sitemap_index" && path === "/sitemap_index.xml") return xml(sitemapIndex(shown));
  if (lists === "sitemap_index" && part !== undefined) {
    const from = Number(part) * PART;
    const to = Math.min(standing(site, slot), from + PART);
    return gzip(
      urlSet(shown, Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)),
    );
  }
  if (lists === "rss" && path === "/feed.xml") return xml(rss(shown), "application/rss+xml");
  if (path !== "/") return null;
  const page = Math.max(1, Number(new URLSearchParams(search).get("page") ?? 1) || 1);
  return html(lists === "index" ? indexPage(shown, page) : homePage(shown));
}
