/** What no comparison of schemas sees: seeds and cron jobs. */
import type postgres from "postgres";
import { type CatalogRow, compareCatalogs, readSeeds } from "../../local/schema/catalog.ts";
import { isRepeatable, type SchemaFile } from "../../local/schema/files.ts";
import { connectAs } from "../../local/postgres/sql.ts";

interface Repeated {
  /** Files that change something when they are run. */
  files: SchemaFile[];
  /** Cron jobs that supabase/schemas no longer has. */
  unscheduled: string[];
}

/**
 * Runs the seeds and cron jobs of supabase/schemas on a database whose schema is right already, and tells which of
 * them changed it.
 * @param wanted the seeds of a database made from supabase/schemas
 */
export async function repeat(
  port: number,
  files: SchemaFile[],
  wanted: CatalogRow[],
): Promise<Repeated> {
  const sql = connectAs("postgres", port);
  try {
    const changing: SchemaFile[] = [];
    let before = await readSeeds(port);
    for (const file of files.filter(isRepeatable)) {
      await sql.unsafe(file.text);
      const after = await readSeeds(port);
      if (compareCatalogs(before, after).length > 0) changing.push(file);
      before = after;
    }
    return { files: changing, unscheduled: await unschedule(sql, before, wanted) };
  } finally {
    await sql.end();
  }
}

async function unschedule(
  sql: postgres.Sql,
  held: CatalogRow[],
  wanted: CatalogRow[],
): Promise<string[]> {
  const gone = held.filter(({ kind, name }) =>
    kind === "cron job" && !wanted.some((one) => one.kind === kind && one.name === name)
  ).map(({ name }) => name);
  for (const name of gone) await sql`select cron.unschedule(${name})`;
  return gone;
}

/** The part of a migration that does it. */
export function repeatedText({ files, unscheduled }: Repeated): string {
  return [
    ...unscheduled.map((name) => `select cron.unschedule('${name.replaceAll("'", "''")}');`),
    ...files.map(({ name, text }) => `-- supabase/schemas/${name}\n${text.trimEnd()}`),
  ].map((part) => `\n${part}\n`).join("");
}
