import type { CheerioAPI } from "cheerio";

interface NaiveReading {
  facts: Record<string, string | number>;
  bids: { source_id: string; amount: number; bidder: string; placed_at: string }[];
  comments: { source_id: string; author: string; body: string; posted_at: string }[];
}

interface Entry {
  id: number;
  type: string;
  authorName: string;
  content: string;
  timestamp: number;
  bidAmount: number;
}

/** A page by plain selectors over its whole tree, unchecked: an auction, or an owner's post. */
export function readPage($: CheerioAPI): NaiveReading {
  return $("#postingbody").length > 0 ? readPost($) : readAuction($);
}

/** The addresses of a page's gallery. */
export function readGallery($: CheerioAPI): string[] {
  const gallery: { large: { url: string } }[] = JSON.parse(
    $("[data-gallery-items]").attr("data-gallery-items") ?? "[]",
  );
  const thumbs = $("a.thumb").map((_, link) => $(link).attr("href")).get();
  return [...gallery.map(({ large }) => large.url), ...thumbs];
}

function readPost($: CheerioAPI): NaiveReading {
  const rows = new Map(
    $("p.attrgroup span").get().map((row) => {
      const value = $(row).find("b").text().trim();
      return [$(row).text().replace(value, "").replace(":", "").trim(), value];
    }),
  );
  const [, year, make, model] = /^(\d{4}) (\S+) (.+)$/.exec(rows.get("") ?? "") ?? [];
  const price = $(".price").first().text().replaceAll(/[^\d]/g, "");
  const read = {
    year: year && Number(year),
    make,
    model,
    vin: rows.get("VIN"),
    mileage: rows.has("odometer") ? Number(rows.get("odometer")) : undefined,
    color: rows.get("paint color"),
    transmission: rows.get("transmission"),
    asking_price: price && Number(price),
    location: /\((.+)\)/.exec($(".postingtitletext small").text())?.[1],
    description: $("#postingbody").text().trim().slice(0, 5_000),
  };
  const facts: NaiveReading["facts"] = {};
  for (const [field, value] of Object.entries(read)) {
    if (value !== undefined && value !== "") facts[field] = value;
  }
  return { facts, bids: [], comments: [] };
}

function readAuction($: CheerioAPI): NaiveReading {
  const facts: Record<string, string | number> = {};
  const put = (field: string, value: string | undefined) => {
    if (value !== undefined && value.trim() !== "") facts[field] = value.trim();
  };
  const title = $("h1.listing-post-title").text();
  const year = /\b(19|20)\d\d\b/.exec(title)?.[0];
  if (year !== undefined) facts["year"] = Number(year);
  $(".group-item").each((_, item) => {
    const label = $(item).find(".group-title-label").text();
    const text = $(item).text().slice(label.length);
    if (label === "Make") put("make", text);
    if (label === "Model") put("model", text);
  });
  const details = $(".essentials .item ul li").map((_, item) => $(item).text()).get();
  put("vin", details.find((line) => line.startsWith("Chassis:"))?.slice(8));
  const miles = /([\d,]+)(k?) Miles/.exec(details.find((line) => /Miles/.test(line)) ?? "");
  if (miles) {
    facts["mileage"] = Number((miles[1] ?? "").replaceAll(",", "")) * (miles[2] === "k" ? 1000 : 1);
  }
  put("color", details.find((line) => line.endsWith("Paint"))?.replace(/ Paint$/, ""));
  put("transmission", details.find((line) => /Transmission|Transaxle|Gearbox/.test(line)));
  put("engine", details.find((line) => /Liter|V8|Flat|Inline/.test(line)));
  put("seller_name", $(".essentials .item-seller a").first().text());
  put("location", $(".essentials strong + a").first().text());
  put("description", $(".post-excerpt").first().text().slice(0, 5_000));
  const price = /\$([\d,]+)/.exec($(".listing-available-info .info-value").text())?.[1];
  if (price !== undefined) facts["high_bid"] = Number(price.replaceAll(",", ""));

  const script = $("script").map((_, item) => $(item).text()).get()
    .find((text) => text.includes("var BAT_VMS")) ?? "";
  const model = JSON.parse(/var BAT_VMS = (\{.*\});/.exec(script)?.[1] ?? "{}");
  const entries: Entry[] = model.comments ?? [];
  const at = ({ timestamp }: Entry) => new Date(timestamp * 1000).toISOString();
  return {
    facts,
    bids: entries.filter(({ type }) => type === "bat-bid").map((it) => ({
      source_id: String(it.id),
      amount: it.bidAmount,
      bidder: it.authorName,
      placed_at: at(it),
    })),
    comments: entries.filter(({ type }) => type === "comment").map((it) => ({
      source_id: String(it.id),
      author: it.authorName,
      body: it.content,
      posted_at: at(it),
    })),
  };
}
