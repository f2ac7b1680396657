import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";
import type { Fact, FieldName, ReadingWay } from "../../supabase/functions/_shared/domain/fact.ts";

/** A fact that was read, with what is known to be true. */
export interface Judged {
  field: FieldName;
  way: ReadingWay;
  confidence: number;
  right: boolean;
  /** Where it stood and what was read, for a person. */
  shown: string;
}

/** Judges one fact of an extraction; none when it was not read. */
export function judge<F extends FieldName>(
  { facts }: Pick<Extraction, "facts">,
  field: F,
  isRight: (value: Fact<F>["value"]) => boolean,
  where: string,
): Judged[] {
  const fact = facts[field] as Fact<F> | undefined;
  if (fact === undefined) return [];
  const { value, confidence, way } = fact;
  const right = isRight(value);
  return [{ field, way, confidence, right, shown: `${where} ${field}: ${value} (${confidence})` }];
}

const EDGES = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01];

/** Confidence against what came true: a line a band, then a line a way of reading. */
export function calibrationTable(judged: readonly Judged[]): string {
  const line = (name: string, facts: readonly Judged[]) => {
    const right = facts.filter((one) => one.right).length;
    const mean = facts.reduce((sum, one) => sum + one.confidence, 0) / facts.length;
    const part = (100 * right / facts.length).toFixed(1);
    return `${name.padEnd(16)}${String(facts.length).padStart(7)}${String(right).padStart(7)}` +
      `${part.padStart(8)} %${(100 * mean).toFixed(1).padStart(8)} %`;
  };
  const bands = EDGES.slice(1).flatMap((above, at) => {
    const from = EDGES[at] ?? 0;
    const facts = judged.filter(({ confidence }) =>
      at > 3 ? confidence > from && confidence <= above : confidence >= from && confidence <= above
    ).filter(({ confidence }) => at > 3 || at === 3 || confidence < above);
    const name = `${at > 3 ? ">" : "≥"} ${from}`;
    return facts.length === 0 ? [] : [line(name, facts)];
  });
  const ways = [...new Set(judged.map(({ way }) => way))].toSorted().map((way) =>
    line(way, judged.filter((one) => one.way === way))
  );
  const head = `${"confidence".padEnd(16)}  facts  right   came true   expected`;
  return [head, ...bands, "", ...ways].join("\n");
}
