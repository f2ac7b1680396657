/** Applying `supabase/migrations`, as the CLI does: in name order, as `postgres`, each recorded. */
import { join } from "node:path";
import postgres from "postgres";
import { projectRoot } from "./paths.ts";
import { splitStatements } from "./postgres/statements.ts";

export const migrationsDir = join(projectRoot, "supabase/migrations");

export interface Migration {
  version: string;
  name: string;
  path: string;
  text: string;
}

/** All migrations in the order of their names. @throws when two have the same version. */
export function readMigrations(dir = migrationsDir): Migration[] {
  const migrations: Migration[] = [];
  for (const entry of Deno.readDirSync(dir)) {
    const match = /^(\d+)_(.+)\.sql$/.exec(entry.name);
    if (!entry.isFile || match === null) continue;
    const path = join(dir, entry.name);
    migrations.push({
      version: match[1] ?? "",
      name: match[2] ?? "",
      path,
      text: Deno.readTextFileSync(path),
    });
  }
  migrations.sort((a, b) => a.version < b.version ? -1 : a.version > b.version ? 1 : 0);
  migrations.forEach((migration, at) => {
    if (migration.version === migrations[at - 1]?.version) {
      throw new Error(`Two migrations have the version ${migration.version}.`);
    }
  });
  return migrations;
}

/** A migration that Postgres refused; the message names file, line and Postgres' own words. */
class MigrationError extends Error {
  override name = "MigrationError";
}

/**
 * Applies what is not yet recorded in `supabase_migrations.schema_migrations`, each in a transaction of its own.
 * @returns the names of the files applied. @throws MigrationError at the first that fails; it leaves no trace.
 */
export async function applyMigrations(
  sql: postgres.Sql,
  migrations: Migration[],
): Promise<string[]> {
  const rows = await sql<{ version: string; statements: string[] | null }[]>`
    select version, statements from supabase_migrations.schema_migrations`;
  const applied = new Map(rows.map((row) => [row.version, row.statements]));
  const done: string[] = [];
  for (const migration of migrations) {
    if (applied.has(migration.version)) continue;
    await applyOne(sql, migration);
    done.push(migration.path);
  }
  return done;
}

interface ComparedRecord {
  /** Recorded with another text than their file has now. */
  edited: Migration[];
  /** Recorded, later than all files: the database is ahead of this checkout. */
  ahead: string[];
  /** Recorded, without a file, though later ones have one. */
  gone: string[];
}

/** Where what a database has recorded is not what the files say. */
export async function compareRecord(
  sql: postgres.Sql,
  migrations: Migration[],
): Promise<ComparedRecord> {
  const rows = await sql<{ version: string; name: string | null; statements: string[] | null }[]>`
    select version, name, statements from supabase_migrations.schema_migrations order by version`;
  const recorded = new Map(rows.map((row) => [row.version, row.statements ?? []]));
  const last = migrations.at(-1)?.version ?? "";
  const missing = rows.filter((row) => !migrations.some(({ version }) => version === row.version));
  const file = (row: { version: string; name: string | null }) => `${row.version}_${row.name}.sql`;
  return {
    edited: migrations.filter((migration) => {
      const was = recorded.get(migration.version);
      const is = splitStatements(migration.text).map((statement) => statement.text);
      return was !== undefined && JSON.stringify(was) !== JSON.stringify(is);
    }),
    ahead: missing.filter((row) => row.version > last).map(file),
    gone: missing.filter((row) => row.version < last).map(file),
  };
}

async function applyOne(sql: postgres.Sql, migration: Migration): Promise<void> {
  const statements = splitStatements(migration.text);
  await sql.begin(async (transaction) => {
    for (const statement of statements) {
      try {
        await transaction.unsafe(statement.text);
      } catch (error) {
        throw migrationError(migration, statement.line, statement.text, error);
      }
    }
    await transaction`
      insert into supabase_migrations.schema_migrations (version, name, statements)
      values (${migration.version}, ${migration.name}, ${statements.map((one) => one.text)})`;
  }).catch((error: unknown) => {
    // A deferred constraint fails at commit.
    throw error instanceof MigrationError ? error : migrationError(migration, 1, "", error);
  });
  await sql.unsafe("reset all");
}

function migrationError(
  migration: Migration,
  line: number,
  text: string,
  error: unknown,
): MigrationError {
  if (!(error instanceof postgres.PostgresError)) {
    return new MigrationError(`${migration.path}:${line}: ${String(error)}`);
  }
  const into = Number(error.position ?? 1) - 1;
  const at = line + text.slice(0, into).split("\n").length - 1;
  const more = [error.detail, error.hint && `hint: ${error.hint}`, error.where].filter(Boolean);
  return new MigrationError(
    `${migration.path}:${at}: ${error.message} (${error.code})${
      more.map((words) => `\n  ${words}`).join("")
    }`,
  );
}
