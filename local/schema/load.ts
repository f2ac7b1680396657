/** Making a database from `supabase/schemas`. */
import { loadSqlFiles, ShadowLoadError } from "@supabase/pg-delta";
import postgres from "postgres";
import { createPgPool } from "../postgres/pool.ts";
import { connectAs, databaseUrl } from "../postgres/sql.ts";
import { isFoundation, readSchemas, type SchemaFile } from "./files.ts";

/** Files of `supabase/schemas` that Postgres refused; the message names each with its line and Postgres' words. */
class SchemaError extends Error {
  override name = "SchemaError";
}

/**
 * Runs all files in an empty database, as `postgres`. They may stand in any order: a file that needs another one waits
 * for it. `foundation/` is first.
 * @throws SchemaError when some cannot be run, or a function has a body that does not hold.
 */
export async function loadSchemas(port: number, files = readSchemas()): Promise<void> {
  await loadFoundation(port, files.filter(isFoundation));
  const pool = createPgPool({ connectionString: databaseUrl("postgres", port) });
  try {
    const rest = files.filter((file) => !isFoundation(file));
    const loaded = await loadSqlFiles(
      rest.map(({ name, text }) => ({ name, sql: text })),
      pool,
      { mode: "isolatedCluster" },
    );
    const wrong = loaded.diagnostics.filter(({ code, message }) =>
      code === "invalid_routine_body" && /^(public|private)\./.test(message)
    );
    if (wrong.length > 0) throw new SchemaError(wrong.map(({ message }) => message).join("\n"));
  } catch (error) {
    if (!(error instanceof ShadowLoadError)) throw error;
    throw new SchemaError(causes(error.details.map(({ message }) => message), files).join("\n"));
  } finally {
    await pool.end();
  }
}

async function loadFoundation(port: number, files: SchemaFile[]): Promise<void> {
  const sql = connectAs("postgres", port);
  try {
    for (const { name, text } of files) {
      await sql.unsafe(text).catch((error: unknown) => {
        if (!(error instanceof postgres.PostgresError)) throw error;
        const line = text.slice(0, Number(error.position ?? 1)).split("\n").length;
        throw new SchemaError(`supabase/schemas/${name}:${line}: ${error.message}`);
      });
    }
  } finally {
    await sql.end();
  }
}

/** Of files that wait for each other, those that wait for nothing that another stuck file makes. */
function causes(messages: string[], files: SchemaFile[]): string[] {
  const stuck = new Map(messages.map((message) => [message.split(": ")[0] ?? "", message]));
  const texts = files.filter((file) => stuck.has(file.name)).map((file) => file.text).join("\n");
  const isFollowUp = (message: string) => {
    const missing = /(?:relation|type|function) "?([\w.]+)"?.* does not exist/.exec(message)?.[1];
    return missing !== undefined && new RegExp(`^\\s*create .*\\b${missing}\\b`, "m").test(texts);
  };
  const own = messages.filter((message) => !isFollowUp(message));
  return (own.length > 0 ? own : messages).map((message) =>
    `supabase/schemas/${message.replace(/ \(failed identically .*\)$/, "")}`
  );
}
