/** What a statement gave, and how it is shown. */
import pg from "pg";

export interface Result {
  columns: { name: string; oid: number }[];
  /** Each value as Postgres writes it. */
  rows: (string | null)[][];
  /** What was done, as `UPDATE 3`. */
  tag: string;
}

export type Format = "table" | "records" | "csv" | "json";

/** The text of a result, without a line break at its end; "" when there is nothing to show. */
export function render(result: Result, format: Format): string {
  if (format === "csv") return result.columns.length === 0 ? "" : csv(result);
  if (format === "json") return result.columns.length === 0 ? "" : json(result);
  if (result.columns.length === 0) return result.tag;
  const shown = format === "table" ? table(result) : records(result);
  const rows = `(${result.rows.length} ${result.rows.length === 1 ? "row" : "rows"})`;
  return [shown, rows, ...(result.tag.startsWith("SELECT") ? [] : [result.tag])].join("\n");
}

/** A result whose table is at most so wide, if its last column can be cut to that. */
export function fitted(result: Result, width: number): Result {
  const last = result.columns.length - 1;
  const room = Math.max(
    20,
    width - tableWidth({ ...result, columns: result.columns.slice(0, last) }) - 3,
  );
  const cut = (value: string | null) => value === null ? null : shorten(value, room);
  return {
    ...result,
    rows: result.rows.map((row) => [...row.slice(0, last), cut(row[last] ?? null)]),
  };
}

function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/** The width of a result as a table, in characters. */
export function tableWidth(result: Result): number {
  return widths(result).reduce((sum, width) => sum + width + 3, -1);
}

const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 790, 1700]);
const JSON_TYPES = new Set([114, 3802]);

/** A value on one line, as wide as it is long. */
function cell(value: string | null): string {
  return (value ?? "").replace(/\r?\n/g, "⏎").replace(/\t/g, " ");
}

/** In characters, not in UTF-16 units. */
const lengthOf = (text: string) => [...text].length;

function widths({ columns, rows }: Result): number[] {
  return columns.map(({ name }, at) =>
    rows.reduce(
      (most, row) => Math.max(most, lengthOf(cell(row[at] ?? null))),
      lengthOf(cell(name)),
    )
  );
}

function table(result: Result): string {
  const { columns, rows } = result;
  const wide = widths(result);
  const padding = (text: string, at: number) =>
    " ".repeat(Math.max(0, (wide[at] ?? 0) - lengthOf(text)));
  const line = (texts: string[], right: (at: number) => boolean) =>
    texts.map((text, at) => ` ${right(at) ? padding(text, at) + text : text + padding(text, at)} `)
      .join("|").trimEnd();
  return [
    line(columns.map(({ name }) => cell(name)), () => false),
    wide.map((width) => "-".repeat(width + 2)).join("+"),
    ...rows.map((row) => line(row.map(cell), (at) => NUMBERS.has(columns[at]?.oid ?? 0))),
  ].join("\n");
}

/** A column a line, for rows that are wider than a terminal. */
function records({ columns, rows }: Result): string {
  const width = Math.max(...columns.map(({ name }) => lengthOf(name)));
  return rows.map((row, at) =>
    [
      `-[ ${at + 1} ]${"-".repeat(Math.max(0, width - 4))}`,
      ...row.map((value, column) => {
        const name = columns[column]?.name ?? "";
        const text = (value ?? "").replace(/\r?\n/g, `\n${" ".repeat(width)} | `);
        return `${name}${" ".repeat(width - lengthOf(name))} | ${text}`.trimEnd();
      }),
    ].join("\n")
  ).join("\n");
}

/** RFC 4180, with line feeds, and as `copy … csv`: nothing is an empty field, an empty text is "". */
function csv({ columns, rows }: Result): string {
  const field = (value: string | null) =>
    value === null
      ? ""
      : value === "" || /[",\r\n]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : value;
  return [columns.map(({ name }) => field(name)), ...rows.map((row) => row.map(field))]
    .map((fields) => fields.join(",")).join("\n");
}

/** A list of objects, a row a line. Numbers of any length and JSON stay as Postgres wrote them. */
function json({ columns, rows }: Result): string {
  if (rows.length === 0) return "[]";
  const lines = rows.map((row) =>
    `{${
      row.map((value, at) => {
        const { name, oid } = columns[at] ?? { name: "", oid: 0 };
        return `${JSON.stringify(name)}: ${value === null ? "null" : jsonValue(value, oid)}`;
      }).join(", ")
    }}`
  );
  return `[\n${lines.join(",\n")}\n]`;
}

function jsonValue(text: string, oid: number): string {
  if (JSON_TYPES.has(oid)) return text;
  // JSON has no NaN and no Infinity: they are texts.
  if (NUMBERS.has(oid) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return text;
  if (oid === pg.types.builtins.BOOL) return text === "t" ? "true" : "false";
  const parsed: unknown = pg.types.getTypeParser(oid)(text);
  return JSON.stringify(Array.isArray(parsed) ? parsed : text);
}
