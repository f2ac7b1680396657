import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";
import type { Fact, FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { compare, COMPARED, type ComparedField, type Verdict } from "./compare.ts";
import { pageOf } from "./folder.ts";

/** One field of one page: what a person read, what the adapter read, and how they compare. */
export interface AccuracyRow {
  file: string;
  field: ComparedField;
  stated: string | number | null;
  read: string | number | null;
  verdict: Verdict;
  /** The fact behind what was read, if it is one of the vehicle's. */
  fact: Fact | undefined;
}

/** Cells that say "not stated" although the page states the value: where, and in which words. */
export const STATED_AFTER_ALL: Readonly<Record<string, string>> = {
  "carscom/detail-2020-honda-civic-lx.html engine": "2.0L I4 16V MPFI DOHC engine",
  "carscom/detail-2020-honda-civic-lx.html transmission": "Automatic CVT transmission",
};

/** A line of `truth.jsonl`; `null` means that the page does not state it. */
type Truth =
  & { file: string; url: string | null }
  & { [F in ComparedField]: string | number | null };

/**
 * Reads every page of `truth.jsonl` in a corpus folder and compares field by field. Throws when
 * the folder holds no such file.
 */
export async function corpusAccuracy(corpusDir: string): Promise<AccuracyRow[]> {
  const lines = (await Deno.readTextFile(`${corpusDir}/truth.jsonl`)).trim().split("\n");
  const rows: AccuracyRow[] = [];
  for (const line of lines) {
    const truth = JSON.parse(line) as Truth;
    const body = await Deno.readTextFile(`${corpusDir}/${truth.file}`);
    const extraction = extract(
      pageOf(body, truth.url ?? `https://${truth.file.split("/")[0]}.com/`),
    );
    const read = comparable(extraction);
    for (const field of COMPARED) {
      const stated = truth[field] ?? null;
      rows.push({
        file: truth.file,
        field,
        stated,
        read: read[field],
        verdict: compare(field, stated, read[field]),
        fact: factOf(extraction, field),
      });
    }
  }
  return rows;
}

const FACT_NAMES: Readonly<Partial<Record<ComparedField, FieldName>>> = {
  exterior_color: "color",
  outcome: "sale_status",
  seller: "seller_name",
};

function factOf({ facts }: Extraction, field: ComparedField): Fact | undefined {
  const name = FACT_NAMES[field] ?? field;
  return name in facts ? facts[name as FieldName] : undefined;
}

/** What an extraction says in the words of `truth.jsonl`. */
function comparable(extraction: Extraction): Record<ComparedField, string | number | null> {
  const { facts, auction, images, outcome } = extraction;
  const status = facts.sale_status?.value ?? auction?.outcome ?? null;
  return {
    year: facts.year?.value ?? null,
    make: facts.make?.value ?? null,
    model: facts.model?.value ?? null,
    vin: facts.vin?.value ?? null,
    mileage: facts.mileage?.value ?? null,
    exterior_color: facts.color?.value ?? null,
    engine: facts.engine?.value ?? null,
    transmission: facts.transmission?.value ?? null,
    drivetrain: facts.drivetrain?.value ?? null,
    outcome: status === "for_sale" ? "classified" : status,
    sale_price: facts.sale_price?.value ?? null,
    high_bid: facts.high_bid?.value ?? null,
    asking_price: facts.asking_price?.value ?? null,
    bid_count: auction?.bid_count ?? null,
    comment_count: auction?.comment_count ?? null,
    seller: facts.seller_name?.value ?? null,
    location: facts.location?.value ?? null,
    image_count: outcome === "listing" ? images.length : null,
  };
}

/** Verdicts counted by field, in the order of the fields. */
export function byField(
  rows: readonly Pick<AccuracyRow, "field" | "verdict">[],
): { field: ComparedField; counts: Record<Verdict, number> }[] {
  return COMPARED.map((field) => {
    const counts = { right: 0, wrong: 0, missing: 0, invented: 0, nothing: 0 };
    for (const row of rows) if (row.field === field) counts[row.verdict]++;
    return { field, counts };
  });
}
