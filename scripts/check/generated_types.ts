/**
 * What is generated from the migrated database: `_shared/database/database.types.ts` by the Supabase CLI, and
 * `scripts/export/tables.json`, its tables and their keys.
 */
import { TASK } from "../../local/command_line.ts";
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { connectAs } from "../../local/postgres/sql.ts";
import { migratedDatabase, supabase } from "./databases.ts";
import { readIfThere } from "./files.ts";
import { lastLines, run } from "./run.ts";
import { error, type Finding, type Step } from "./step.ts";
import type { CheckContext } from "./step.ts";

const typesPath = "supabase/functions/_shared/database/database.types.ts";
const tablesPath = "scripts/export/tables.json";

const header =
  "// Generated from the migrations; `deno task check --write --only generated` renews it.\n\n";

/** The types of the database, formatted. @throws with the CLI's words when it fails. */
async function types(context: CheckContext): Promise<string> {
  const { url } = await migratedDatabase(context);
  const made = await supabase(
    context,
    "gen",
    "types",
    "typescript",
    `--remote=${url}`,
    "--schema",
    "public",
  );
  if (made.code !== 0) throw new Error(`supabase gen types: ${lastLines(made)}`);
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(file, header + made.stdout);
    const formatted = await run(Deno.execPath(), [
      "fmt",
      "--quiet",
      "--no-config",
      "--line-width",
      "100",
      file,
    ]);
    if (formatted.code !== 0) throw new Error(`deno fmt: ${lastLines(formatted)}`);
    return Deno.readTextFileSync(file);
  } finally {
    Deno.removeSync(file);
  }
}

/** The tables of the API, each with the columns of its primary key, as JSON. */
async function tables(context: CheckContext): Promise<string> {
  const { port } = await migratedDatabase(context);
  const sql = connectAs("postgres", port);
  try {
    const rows = await sql<{ name: string; key: string[] }[]>`
      select c.relname as name, array_agg(a.attname::text order by at.n) as key
      from pg_class c
      join pg_index i on i.indrelid = c.oid and i.indisprimary
      cross join unnest(i.indkey) with ordinality as at (attnum, n)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = at.attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      group by c.relname
      order by c.relname`;
    const lines = rows.map(({ name, key }) => `  "${name}": ["${key.join('", "')}"]`);
    return `{\n${lines.join(",\n")}\n}\n`;
  } finally {
    await sql.end();
  }
}

export const generated: Step = {
  name: "generated",
  description: "database.types.ts is what supabase gen types gives, and tables.json the tables",
  async run(context) {
    const findings: Finding[] = [];
    const texts = [[typesPath, await types(context)], [tablesPath, await tables(context)]] as const;
    for (const [path, text] of texts) {
      if (readIfThere(path) === text) continue;
      if (context.write) Deno.writeTextFileSync(join(projectRoot, path), text);
      else findings.push(error(`out of date: ${TASK} check --write --only generated`, path));
    }
    const lines = texts.reduce((sum, [, text]) => sum + text.split("\n").length, 0);
    return { findings, note: `${lines} lines` };
  },
};
