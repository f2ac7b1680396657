/** How SQL is written here. */
import { splitStatements } from "../../local/postgres/statements.ts";
import { lineOf, projectFiles, readProjectFile } from "./files.ts";
import { error, type Step } from "./step.ts";

const keywords = [
  ...[
    "ADD",
    "ALTER",
    "AND",
    "AS",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CASE",
    "CHECK",
    "COMMENT",
    "CONSTRAINT",
  ],
  ...[
    "CREATE",
    "DEFAULT",
    "DELETE",
    "DISTINCT",
    "DROP",
    "ELSE",
    "END",
    "EXECUTE",
    "EXISTS",
    "FOR",
    "FROM",
  ],
  ...[
    "FUNCTION",
    "GRANT",
    "GROUP",
    "HAVING",
    "IF",
    "INDEX",
    "INSERT",
    "INTO",
    "JOIN",
    "LATERAL",
    "LIMIT",
  ],
  ...[
    "LOOP",
    "NULL",
    "ON",
    "ORDER",
    "PRIMARY",
    "RETURN",
    "RETURNING",
    "RETURNS",
    "REVOKE",
    "SELECT",
    "SET",
  ],
  ...[
    "TABLE",
    "THEN",
    "TO",
    "TRIGGER",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VALUES",
    "VIEW",
    "WHEN",
    "WHERE",
    "WITH",
  ],
];
const capital = new RegExp(`\\b(?:${keywords.join("|")})\\b`, "g");

/** SQL with comments, strings and quoted names blanked; bodies between dollars stay. */
function sqlOnly(text: string): string {
  const quoted = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g;
  return text.replace(quoted, (match) => match.replace(/[^\n]/g, " "));
}

/** Keywords in capitals, with their lines. */
export function upperCaseKeywords(text: string): { line: number; word: string }[] {
  return [...sqlOnly(text).matchAll(capital)].map((match) => ({
    line: lineOf(text, match.index),
    word: match[0],
  }));
}

export const sql: Step = {
  name: "sql",
  description: "SQL keywords in lower case",
  run() {
    const files = [...projectFiles("supabase", ".sql"), ...projectFiles("local", ".sql")];
    const findings = files.flatMap((path) =>
      upperCaseKeywords(readProjectFile(path)).map(({ line, word }) =>
        error(`${word} in capitals`, `${path}:${line}`)
      )
    );
    const statements = files.reduce(
      (sum, path) => sum + splitStatements(readProjectFile(path)).length,
      0,
    );
    return { findings, note: `${statements} statements` };
  },
};
