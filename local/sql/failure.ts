/** What Postgres says of a statement that failed, with the place. */

/** A statement, and where it stands. */
interface Source {
  text: string;
  /** Line of its first word in the file, from 1. */
  line: number;
  /** Column of its first word in that line, from 1. */
  column: number;
  /** The file; null for what was typed. */
  file: string | null;
}

interface PostgresError extends Error {
  severity?: string;
  code?: string;
  detail?: string;
  hint?: string;
  where?: string;
  /** Character of the statement, from 1. */
  position?: string;
  /** The same in a statement of a function, given in `internalQuery`. */
  internalPosition?: string;
  internalQuery?: string;
}

/**
 * `file:line:column: ERROR:  message (code)`, the line with a mark under the place, and what Postgres
 * adds to it.
 */
export function failureText(error: unknown, source: Source): string {
  if (!(error instanceof Error)) return String(error);
  const told: PostgresError = error;
  const lines: string[] = [];
  const place = placeOf(source.text, Number(told.position ?? 0));
  const line = source.line + (place?.line ?? 1) - 1;
  const column = (place?.line ?? 1) === 1
    ? source.column + (place?.column ?? 1) - 1
    : place?.column ?? 1;
  const where = source.file === null ? "" : `${source.file}:${line}:${column}: `;
  const code = told.code === undefined ? "" : ` (${told.code})`;
  lines.push(`${where}${told.severity ?? "ERROR"}:  ${told.message || told.code}${code}`);
  if (place !== null) lines.push(...marked(place, `LINE ${line}: `));
  if (told.detail) lines.push(`DETAIL:  ${told.detail}`);
  if (told.hint) lines.push(`HINT:  ${told.hint}`);
  if (told.internalQuery) {
    const inner = placeOf(told.internalQuery, Number(told.internalPosition ?? 0));
    lines.push(...(inner === null ? [] : marked(inner, "IN: ")));
  }
  if (told.where) lines.push(`CONTEXT:  ${told.where}`);
  return lines.join("\n");
}

interface Place {
  line: number;
  column: number;
  text: string;
}

/** Postgres counts characters, not UTF-16 units. */
function placeOf(text: string, position: number): Place | null {
  if (position < 1) return null;
  const before = [...text].slice(0, position - 1).join("").split("\n");
  return {
    line: before.length,
    column: [...before.at(-1) ?? ""].length + 1,
    text: text.split("\n")[before.length - 1] ?? "",
  };
}

const LONGEST_LINE = 100;

/** The line, or the part of a long one around the place, and a mark under it. */
function marked({ text, column }: Place, label: string): [string, string] {
  const characters = [...text.replaceAll("\t", " ")];
  const from = Math.max(
    0,
    Math.min(column - 1 - LONGEST_LINE / 2, characters.length - LONGEST_LINE),
  );
  const part = characters.slice(from, from + LONGEST_LINE).join("");
  return [label + part, " ".repeat(label.length + column - 1 - from) + "^"];
}
