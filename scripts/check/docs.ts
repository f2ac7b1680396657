/** The documents are true where that can be tried: their SQL runs, what they name exists. */
import { dirname, join } from "node:path";
import postgres from "postgres";
import { connectAs } from "../../local/postgres/sql.ts";
import { migratedDatabase } from "./databases.ts";
import { lineOf, projectFiles, readIfThere, readProjectFile } from "./files.ts";
import { error, type Finding, type Step } from "./step.ts";

interface Snippet {
  sql: string;
  /** Line of the document. */
  line: number;
}

const someId = "00000000-0000-4000-8000-000000000000";

/** The SQL of a document: its blocks, and statements of a select within its text. */
export function sqlOf(text: string): Snippet[] {
  const blocks = [...text.matchAll(/```sql\n([\s\S]*?)```/g)];
  const inline = [...text.matchAll(/`(select [^`]*;)`/g)];
  return [...blocks, ...inline].map((match) => ({
    sql: filledIn(match[1] ?? ""),
    line: lineOf(text, match.index),
  }));
}

/** Placeholders that stand where a uuid must. */
function filledIn(sql: string): string {
  return sql.replaceAll("your-vehicle-id", someId).replaceAll("array['…']", `array['${someId}']`);
}

async function run(sql: postgres.Sql, snippet: string): Promise<string | null> {
  try {
    // Rolled back, whatever it is.
    await sql.begin(async (transaction) => {
      await transaction.unsafe(snippet);
      throw new RolledBack();
    });
  } catch (problem) {
    if (problem instanceof RolledBack) return null;
    if (problem instanceof postgres.PostgresError) return problem.message;
    throw problem;
  }
  return null;
}
class RolledBack extends Error {}

function tasks(): string[] {
  const config: { tasks: Record<string, string> } = JSON.parse(readProjectFile("deno.json"));
  return Object.keys(config.tasks);
}

/** Links to files that are not there, and tasks that deno.json does not have. */
function namedInVain(path: string, text: string): Finding[] {
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
    .filter((match) => readIfThere(join(dirname(path), match[1] ?? "")) === null)
    .map((match) => error(`links to ${match[1]}, which is not there`, at(path, text, match)));
  const known = tasks();
  const unknown = [...text.matchAll(/\btask (?:-q )?([a-z]+)\b/g)]
    .filter((match) => !known.includes(match[1] ?? ""))
    .map((match) => error(`deno.json has no task ${match[1]}`, at(path, text, match)));
  return [...links, ...unknown];
}

function at(path: string, text: string, match: RegExpMatchArray): string {
  return `${path}:${lineOf(text, match.index ?? 0)}`;
}

export const docs: Step = {
  name: "docs",
  description: "the documents' SQL runs; the files and tasks that they name exist",
  async run(context) {
    const paths = projectFiles(".", ".md");
    const database = await migratedDatabase(context);
    const sql = connectAs("postgres", database.port);
    const findings: Finding[] = [];
    let snippets = 0;
    try {
      for (const path of paths) {
        const text = readProjectFile(path);
        findings.push(...namedInVain(path, text));
        for (const snippet of sqlOf(text)) {
          snippets++;
          const said = await run(sql, snippet.sql);
          if (said !== null) findings.push(error(said, `${path}:${snippet.line}`));
        }
      }
    } finally {
      await sql.end();
    }
    return { findings, note: `${snippets} pieces of SQL in ${paths.length} documents` };
  },
};
