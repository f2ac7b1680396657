import type { Facts, FieldName } from "../../domain/fact.ts";
import type { Page } from "../../domain/page.ts";
import type { ServingMap } from "../../domain/serving_maps.ts";
import { imageUrls } from "../../extraction/images.ts";
import { listing, type PageReading } from "../../extraction/page_reading.ts";
import { missingFields } from "../../extraction/required_fields.ts";
import { readByMaps } from "./read_by_maps.ts";

/** Half a vehicle is not written, whoever reads it. */
const REQUIRED = ["year", "make", "model"] as const;
const PRICES: readonly FieldName[] = ["asking_price", "sale_price", "high_bid", "currency"];

/**
 * What an adapter read, with what the maps of its source read besides: fields that it did not find on
 * a listing, and all of a page that it could not read. What it says is no listing is none. Maps whose
 * fields the adapter has read cost nothing.
 */
export function withMaps(
  reading: PageReading,
  page: Page,
  maps: readonly ServingMap[],
): PageReading {
  if (maps.length === 0) return reading;
  if (reading.outcome === "unreadable") return readAlone(reading, page, maps);
  if (reading.outcome !== "listing" || !maps.some((map) => map.fields.some(isMissed(reading)))) {
    return reading;
  }
  const read = readByMaps(maps, page);
  if (read === null) return reading;
  const missed = isMissed(reading);
  const more: Facts = Object.fromEntries(
    Object.entries(read.facts).filter(([field]) => missed(field as FieldName)),
  );
  return { ...reading, facts: { ...more, ...reading.facts } };
}

/** Whether a listing's reading leaves a field to others: of its price it says all or nothing. */
function isMissed({ facts, absent }: PageReading): (field: FieldName) => boolean {
  const priced = PRICES.some((field) => facts[field] !== undefined) ||
    facts.sale_status !== undefined;
  return (field) =>
    facts[field] === undefined && !absent.includes(field) &&
    !((PRICES.includes(field) || field === "sale_status") && priced);
}

function readAlone(reading: PageReading, page: Page, maps: readonly ServingMap[]): PageReading {
  const read = readByMaps(maps, page);
  if (read === null) return reading;
  const missing = missingFields(read.facts, REQUIRED);
  const by = `extraction map ${read.map.version}`;
  if (missing !== null) {
    return { ...reading, reason: `${reading.reason}; by ${by} ${missing}`.slice(0, 500) };
  }
  return listing(`a page that ${by} reads (${reading.reason})`.slice(0, 500), read.facts, {
    images: imageUrls([read.picture ?? undefined], page.url),
  });
}
