import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";
import type {
  IndexEntry,
  IndexReading,
} from "../../supabase/functions/_shared/extraction/index/reading.ts";
import type { ExtractedListing } from "./listing.ts";

const WIDEST_VALUE = 48;
const WIDEST_EVIDENCE = 90;

/** An extraction as a table for people; with `colors` doubtful values stand out on a terminal. */
export function asTable(
  extraction: Extraction,
  listing: ExtractedListing | null,
  colors: boolean,
): string {
  const paint = (code: number, text: string) => colors ? `\x1b[${code}m${text}\x1b[0m` : text;
  const { outcome, reason, source, scraper } = extraction;
  const lines = [
    `${paint(outcome === "listing" ? 32 : 33, outcome)}  ${cut(reason, 300)}`,
    `source ${source}, read by ${scraper.name} ${scraper.version}`,
  ];
  if (outcome !== "listing") return lines.join("\n");
  if (listing !== null) lines.push(listingLine(listing));
  lines.push("", ...factLines(extraction, paint));
  const retracted = Object.keys(extraction.retractions);
  if (retracted.length > 0) lines.push("", `retracted: ${retracted.join(", ")}`);
  if (extraction.absent.length > 0) lines.push("", `not stated: ${extraction.absent.join(", ")}`);
  lines.push("", ...auctionLines(extraction));
  lines.push(
    `${extraction.images.length} images, ${extraction.bids.length} bids, ${extraction.comments.length} comments`,
  );
  return lines.join("\n");
}

const WIDEST_TITLE = 60;

/** A list as a table for people: what it names, and what it names that is no listing. */
export function indexAsTable(reading: IndexReading, source: string, colors: boolean): string {
  const paint = (code: number, text: string) => colors ? `\x1b[${code}m${text}\x1b[0m` : text;
  const lines = [
    `${paint(reading.outcome === "index" ? 32 : 33, reading.outcome)}  ${cut(reading.reason, 300)}`,
    `source ${source}`,
  ];
  if (reading.outcome !== "index") return lines.join("\n");
  const width = Math.max(
    5,
    ...reading.entries.map(({ title }) => cut(title ?? "", WIDEST_TITLE).length),
  );
  lines.push("", paint(1, `${"title".padEnd(width)}  ${"price".padStart(14)}  kind    address`));
  for (const entry of reading.entries) {
    const title = cut(entry.title ?? "", WIDEST_TITLE).padEnd(width);
    lines.push(
      `${title}  ${priceOf(entry).padStart(14)}  ${(entry.price_kind ?? "").padEnd(6)}  ${
        paint(2, cut(entry.url, WIDEST_EVIDENCE))
      }`,
    );
  }
  lines.push("", `${reading.entries.length} listings, ${reading.skipped.length} skipped`);
  for (const { title, why } of reading.skipped) {
    lines.push(`  skipped: ${cut(title, WIDEST_TITLE)}: ${cut(why, WIDEST_EVIDENCE)}`);
  }
  if (reading.next !== null) lines.push(`next page: ${cut(reading.next, WIDEST_EVIDENCE)}`);
  return lines.join("\n");
}

/** As `vehicle_listings` holds it: "listing dealer, for_sale, 21,500 USD, of Smith Motors". */
function listingLine(listing: ExtractedListing): string {
  const { kind, status, seller } = listing;
  const parts = [kind, status, priceOf(listing), seller === null ? "" : `of ${cut(seller, 60)}`];
  return `listing ${parts.filter((part) => part !== "").join(", ")}`;
}

function priceOf({ price, currency }: Pick<IndexEntry, "price" | "currency">): string {
  return price === null ? "" : `${price.toLocaleString("en-US")} ${currency ?? ""}`.trim();
}

function factLines(
  extraction: Extraction,
  paint: (code: number, text: string) => string,
): string[] {
  const rows = Object.entries(extraction.facts).map(([field, fact]) => ({
    field,
    value: cut(String(fact.value), WIDEST_VALUE),
    confidence: fact.confidence,
    evidence: cut(fact.evidence, WIDEST_EVIDENCE),
  }));
  const fieldWidth = Math.max(5, ...rows.map(({ field }) => field.length));
  const valueWidth = Math.max(5, ...rows.map(({ value }) => value.length));
  const head = `${"field".padEnd(fieldWidth)}  ${"value".padEnd(valueWidth)}  sure  evidence`;
  return [
    paint(1, head),
    ...rows.map(({ field, value, confidence, evidence }) => {
      const sure = confidence.toFixed(2);
      const shade = confidence > 0.9 ? 32 : confidence < 0.5 ? 31 : 33;
      return `${field.padEnd(fieldWidth)}  ${value.padEnd(valueWidth)}  ${paint(shade, sure)}  ${
        paint(2, evidence)
      }`;
    }),
  ];
}

function auctionLines({ auction }: Extraction): string[] {
  if (auction === null) return [];
  const known = Object.entries(auction).filter(([, value]) => value !== null);
  return [
    `auction: ${known.map(([name, value]) => `${name} ${cut(String(value), 60)}`).join(", ")}`,
  ];
}

function cut(text: string, width: number): string {
  // A page's text may hold escape sequences; none of them reaches the terminal.
  const line = text.replace(/[\s\p{Cc}]+/gu, " ");
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
