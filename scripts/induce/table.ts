import {
  describeRule,
  type ExtractionMap,
  type FieldMap,
  type LearnedRule,
} from "../../supabase/functions/_shared/learning/rule.ts";

const HEAD = ["field", "type", "known", "support", "held-out", "errors", "confidence", "rule"];

/** A map for people: for each template its fields and their rules, or why there is none. */
export function mapAsTable({ templates }: ExtractionMap): string {
  if (templates.length === 0) return "no pages";
  return templates.map(({ name, pages, fields }) => {
    const rows = Object.entries(fields).flatMap(([field, learned]) => rowsOf(field, learned));
    return `${name}: ${pages} page${pages === 1 ? "" : "s"}\n${aligned([HEAD, ...rows])}`;
  }).join("\n\n");
}

function rowsOf(field: string, learned: FieldMap): string[][] {
  const { type, known, givenUp, rules } = learned;
  if (givenUp !== null) {
    return [[field, type, String(known), "", "", "", "", `given up: ${givenUp}`]];
  }
  return rules.map((rule, at) =>
    at === 0 ? [field, type, String(known), ...figures(rule)] : ["", "", "", ...figures(rule)]
  );
}

function figures(rule: LearnedRule): string[] {
  const { support, heldOut: { n, errors }, confidence, confirms } = rule;
  const said = describeRule(rule);
  return [
    String(support),
    String(n),
    String(errors),
    confidence.toFixed(2),
    confirms ? `${said} (confirms)` : said,
  ];
}

function aligned(rows: readonly string[][]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    "  " +
    row.map((cell, column) =>
      column >= 2 && column <= 6
        ? cell.padStart(widths[column] ?? 0)
        : cell.padEnd(widths[column] ?? 0)
    ).join("  ").trimEnd()
  ).join("\n");
}
