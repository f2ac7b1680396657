import { type Row, timesBetter } from "./figure.ts";

/** A number with three digits that count, and no more. */
export function short(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

const HEADINGS = ["", "measured", "baseline", "times better", "aim"];

function cells(row: Row): string[] {
  const times = timesBetter(row);
  return [
    row.what,
    `${short(row.value)} ${row.unit}`,
    row.baseline === null ? "" : `${short(row.baseline.value)} ${row.unit} (${row.baseline.name})`,
    times === null ? "" : short(times),
    row.aim ?? "",
  ];
}

/** The rows as a table of text, each note on a line of its own under it. */
export function table(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0))
  );
  const text = (line: string[]) =>
    line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  const notes = [...new Set(rows.flatMap((row) => row.note ?? []))];
  return [
    text(HEADINGS),
    widths.map((width) => "-".repeat(width)).join("  "),
    ...rows.map((row) => text(cells(row))),
    ...(notes.length === 0 ? [] : ["", ...notes.map((note) => `- ${note}`)]),
  ].join("\n");
}
