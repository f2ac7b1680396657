/** The databases that checks look at: migrated by the local stack, by the Supabase CLI, and made from schemas/. */
import { startDatabase } from "../../local/database.ts";
import { applyMigrations, readMigrations } from "../../local/migrations.ts";
import { connectAs, databaseUrl } from "../../local/postgres/sql.ts";
import { loadSchemas } from "../../local/schema/load.ts";
import { makeTemporaryDir } from "../../local/temporary.ts";
import { type Ran, run } from "./run.ts";
import type { CheckContext } from "./step.ts";
import { supabaseCli } from "./supabase_cli.ts";

interface CheckedDatabase {
  port: number;
  /** Connects as `postgres`, who is no superuser. */
  url: string;
}

async function emptyDatabase(context: CheckContext): Promise<CheckedDatabase> {
  const dataDir = makeTemporaryDir();
  context.later(() => Deno.removeSync(dataDir, { recursive: true }));
  const options = { dataDir, temporary: true, migrations: false, port: 0, say: () => {} };
  const server = await startDatabase(options);
  context.later(() => server.stop());
  return { port: server.port, url: databaseUrl("postgres", server.port) };
}

/** A database that the local stack's own runner has migrated. */
export function migratedDatabase(context: CheckContext): Promise<CheckedDatabase> {
  return context.once("migrated database", async () => {
    const database = await emptyDatabase(context);
    const sql = connectAs("postgres", database.port);
    await applyMigrations(sql, readMigrations()).finally(() => sql.end());
    return database;
  });
}

/** A database made from `supabase/schemas`. */
export function schemasDatabase(context: CheckContext): Promise<CheckedDatabase> {
  return context.once("schemas database", async () => {
    const database = await emptyDatabase(context);
    await loadSchemas(database.port);
    return database;
  });
}

/** A database on which `supabase db push` was run, and what the CLI said. */
export function pushedDatabase(context: CheckContext): Promise<CheckedDatabase & { push: Ran }> {
  return context.once("pushed database", async () => {
    const database = await emptyDatabase(context);
    const push = await supabase(context, "db", "push", `--remote=${database.url}`, "--yes");
    return { ...database, push };
  });
}

/** Runs the Supabase CLI in the project. */
export async function supabase(context: CheckContext, ...args: string[]): Promise<Ran> {
  // The embedded database speaks no TLS. Without telemetry: a check talks to nobody.
  const env = { PGSSLMODE: "disable", DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" };
  return run(await supabaseCli(context), args, { env });
}
