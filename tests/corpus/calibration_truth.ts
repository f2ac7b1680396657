import type { FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import { type AccuracyRow, corpusAccuracy } from "./accuracy.ts";
import type { Judged } from "./calibration.ts";
import type { ComparedField } from "./compare.ts";

/** Fields of the truth that are called otherwise among the facts. */
const FACT_OF: Readonly<Partial<Record<ComparedField, FieldName>>> = {
  exterior_color: "color",
  outcome: "sale_status",
  seller: "seller_name",
};
const factOf = (field: ComparedField) => (FACT_OF[field] ?? field) as FieldName;

/** Every fact read from the pages of `truth.jsonl`; right is what a person read there too. */
export async function judgedTruth(corpusDir: string): Promise<Judged[]> {
  return (await corpusAccuracy(corpusDir)).flatMap((row) => {
    const field = factOf(row.field);
    if (row.fact === undefined) return [];
    const { confidence, way } = row.fact;
    const right = row.verdict === "right" || statedAfterAll(row);
    const shown = `${row.file} ${field}: read ${row.read} (${confidence}), stated ${row.stated}`;
    return [{ field, way, confidence, right, shown }];
  });
}

/** How many values of these fields a person read and the adapters did not. */
export async function missingTruth(
  corpusDir: string,
  fields: readonly FieldName[],
): Promise<number> {
  const rows = await corpusAccuracy(corpusDir);
  return rows.filter(({ field, verdict }) =>
    fields.includes(factOf(field)) && verdict === "missing"
  ).length;
}

/** Cells that say "not stated" although the page states the value. */
function statedAfterAll({ file, field }: AccuracyRow): boolean {
  return file === "carscom/detail-2020-honda-civic-lx.html" &&
    (field === "engine" || field === "transmission");
}
