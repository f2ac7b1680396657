/** The text of a migration: the statements of pg-delta, written as SQL is written here. */
import { formatSqlStatements } from "@supabase/pg-delta/sql-format";
import type { Change } from "../../local/schema/difference.ts";
import type { SchemaFile } from "../../local/schema/files.ts";
import { splitStatements } from "../../local/postgres/statements.ts";

/**
 * Functions and views are given as supabase/schemas has them, with their comments; the rest in lower case, and quoted
 * only where it must be.
 * @param reserved words that a name must be quoted to be
 */
export function migrationText(
  title: string,
  changes: Change[],
  files: SchemaFile[],
  reserved: Set<string>,
): string {
  const sources = definitions(files);
  const texts = changes.map(({ sql }) => sourceOf(sql, sources) ?? plain(sql, reserved));
  const bodies = texts.some((text) => text.startsWith("create or replace function"));
  const setting = "-- A function may name what comes below it.\nset check_function_bodies = off";
  const statements = bodies ? [setting, ...texts] : texts;
  return [`-- ${title}\n`, ...statements.map((text) => `${text};\n`)].join("\n");
}

/** `function private.backoff` → its text, unless there are several of that name. */
function definitions(files: SchemaFile[]): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const { text } of files.flatMap((file) => splitStatements(file.text))) {
    const match = /^create (?:or replace )?(function|view) ([a-z_0-9]+\.[a-z_0-9]+)/.exec(text);
    if (match === null) continue;
    const key = `${match[1]} ${match[2]}`;
    found.set(key, found.has(key) ? null : text.trimEnd());
  }
  return found;
}

function sourceOf(sql: string, sources: Map<string, string | null>): string | null {
  const match = /^CREATE (OR REPLACE )?(FUNCTION|VIEW) "?(\w+)"?\."?(\w+)"?/.exec(sql);
  if (match === null) return null;
  const [, replace = "", kind = "", schema, name] = match;
  const source = sources.get(`${kind.toLowerCase()} ${schema}.${name}`) ?? null;
  return source?.replace(/^create (or replace )?/, `create ${replace.toLowerCase()}`) ?? null;
}

const everything = "DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE";

/** A statement of pg-delta in lower case, without quotes that change nothing. */
function plain(sql: string, reserved: Set<string>): string {
  const [formatted = ""] = formatSqlStatements([
    sql.replace(`GRANT ${everything} ON`, "GRANT ALL ON"),
  ], {
    keywordCase: "lower",
    indent: 2,
    maxWidth: 110,
    commaStyle: "trailing",
    alignColumns: false,
    alignKeyValues: false,
    preserveRoutineBodies: true,
    preserveViewBodies: true,
    preserveRuleBodies: true,
  });
  const tolerant = formatted.replace(
    /^(create (?:unique )?index) (?!if not exists)/i,
    "$1 if not exists ", // whoever has full tables builds it before: docs/releasing.md
  );
  return tolerant.trimEnd().replace(/;$/, "").replace(token, (text) => {
    if (/^"[a-z_][a-z0-9_]*"$/.test(text)) {
      const name = text.slice(1, -1);
      return reserved.has(name) ? text : name;
    }
    return /^[A-Za-z_]/.test(text) && !/^[eE]'/.test(text) ? text.toLowerCase() : text;
  });
}

/** Comment, quoted things, a body between dollars, or a word. */
const token =
  /--[^\n]*|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[a-zA-Z_]\w*)?\$)[\s\S]*?\1|[A-Za-z_]\w*/g;
