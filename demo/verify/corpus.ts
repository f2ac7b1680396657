import { compare, COMPARED, type ComparedField, type Verdict } from "../../tests/corpus/compare.ts";
import type { Sql } from "../driver/world.ts";
import type { Corpus, CorpusPage } from "../site/corpus.ts";
import type { HeldVehicle } from "./held.ts";

type Value = string | number | null;

/** A line of `truth.jsonl`: what a person read off a page; null means that it is not stated. */
type TruthLine = { file: string } & { [F in ComparedField]: Value };

/** One field of one page: what a person read, what the database holds. */
export interface AccuracyRow {
  file: string;
  field: ComparedField;
  stated: Value;
  held: Value;
  verdict: Verdict;
}

/** Gallery addresses known of each vehicle, downloaded or not. */
export async function galleryCounts(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ vehicle_id: string; urls: number }[]>`
    select vehicle_id, count(*)::int as urls from image_downloads group by vehicle_id`;
  return new Map(rows.map((row) => [row.vehicle_id, row.urls]));
}

const number = (value: unknown): number | null => value === null ? null : Number(value);
const text = (value: unknown): string | null => value === null ? null : String(value);

/** What the database holds of a vehicle, in the words of `truth.jsonl`. */
function inWordsOfTruth(vehicle: HeldVehicle, gallery: number): Record<ComparedField, Value> {
  const { columns, auction } = vehicle;
  const status = text(columns.sale_status) ?? auction?.outcome ?? null;
  return {
    year: number(columns.year),
    make: text(columns.make),
    model: text(columns.model),
    vin: text(columns.vin),
    mileage: number(columns.mileage),
    exterior_color: text(columns.color),
    engine: text(columns.engine),
    transmission: text(columns.transmission),
    drivetrain: text(columns.drivetrain),
    outcome: status === "for_sale" ? "classified" : status,
    sale_price: number(columns.sale_price),
    high_bid: number(columns.high_bid),
    asking_price: number(columns.asking_price),
    bid_count: auction?.bid_count ?? null,
    comment_count: auction?.comment_count ?? null,
    seller: text(columns.seller_name),
    location: text(columns.location),
    image_count: gallery > 0 ? gallery : null,
  };
}

/** Compares the database with `truth.jsonl`, field by field. Throws where the file is not there. */
export async function accuracy(
  corpus: Corpus,
  vehicles: ReadonlyMap<string, HeldVehicle>,
  galleries: ReadonlyMap<string, number>,
): Promise<AccuracyRow[]> {
  const lines = (await Deno.readTextFile(`${corpus.folder}/truth.jsonl`)).trim().split("\n");
  return lines.flatMap((line) => {
    const truth = JSON.parse(line) as TruthLine;
    const vehicle = vehicles.get(truth.file);
    if (!vehicle) return [];
    const held = inWordsOfTruth(vehicle, galleries.get(vehicle.id) ?? 0);
    return COMPARED.map((field): AccuracyRow => {
      const stated = truth[field] ?? null;
      const verdict = compare(field, stated, held[field]);
      return { file: truth.file, field, stated, held: held[field], verdict };
    });
  });
}

/** Pages that offer no one vehicle, by the manifest's words for them. */
export const offersNothing = (page: CorpusPage): boolean =>
  /^blocked|^index|^SPA shell|NOT a listing/.test(page.kind);
