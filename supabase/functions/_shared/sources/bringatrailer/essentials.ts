import { decodeEntities } from "../../html/entities.ts";
import { elements } from "../../html/regions.ts";
import { tidy } from "../../domain/text.ts";
import { oneLine } from "../../html/text.ts";

/** The box beside a listing: who sells, where, and the lines of details. */
export interface Essentials {
  seller: string | null;
  location: string | null;
  lot: string | null;
  /** The lines under "Listing Details", without those that older pages keep among them. */
  lines: string[];
}

const SELLER_LINK = /<a\b[^>]{0,500}\/member\/[^>]{0,500}>([^<]{1,120})<\/a>/i;
const MAP_LINK = /<a\b[^>]{0,500}google\.com\/maps[^>]{0,1000}>([^<]{1,200})<\/a>/i;
const LOT = /\bLot\b(?:<[^>]{0,40}>|\s|:)*#?\s*([\d,]{2,12})/i;

/** Reads the box; older pages have seller, location and lot as further lines of the same list. */
export function readEssentials(markup: string): Essentials {
  const lines = elements(markup, "li", 100).map(oneLine).filter((line) => line !== "");
  const labelled = (label: RegExp) =>
    lines.find((line) => label.test(line))?.replace(label, "").trim() || null;
  const linked = (link: RegExp) => tidy(decodeEntities(link.exec(markup)?.[1] ?? "")) || null;
  return {
    seller: linked(SELLER_LINK) ?? labelled(/^seller:\s*/i),
    location: linked(MAP_LINK) ?? labelled(/^location:\s*/i),
    lot: LOT.exec(markup)?.[1]?.replaceAll(",", "") ?? null,
    lines: lines.filter((line) =>
      !/^(?:lot\b|seller:|location:|listing type:|private party|dealer\b|party type)/i.test(line)
    ),
  };
}
