/** Whether a migration does what it should, tried on databases of its own. */
import { applyMigrations, type Migration } from "../../local/migrations.ts";
import { connectAs } from "../../local/postgres/sql.ts";
import { compareCatalogs, readCatalog, withoutPositions } from "../../local/schema/catalog.ts";
import { difference } from "../../local/schema/difference.ts";
import { startTemporaryDatabase } from "../../local/schema/temporary.ts";
import { fillEveryTable } from "../schema/fill.ts";
import { lostRows, readRows } from "../schema/held_rows.ts";

/** A migration that does not do what it should; the message says where. */
class ProofError extends Error {
  override name = "ProofError";
}

/**
 * On an empty database: the migrations and this one make what `declared` is.
 * @param declared port of a database made from supabase/schemas
 * @throws ProofError; MigrationError when the migration fails
 */
export async function proveEqual(
  held: Migration[],
  added: Migration,
  declared: number,
): Promise<void> {
  const database = await startTemporaryDatabase(held);
  try {
    await apply(database.port, [...held, added]);
    const made = withoutPositions(await readCatalog(database.port));
    const wanted = withoutPositions(await readCatalog(declared));
    const unequal = compareCatalogs(made, wanted).map(({ object }) => object);
    const { changes } = await difference(database.port, declared);
    const wrong = [...unequal, ...changes.map(({ sql }) => sql)];
    if (wrong.length > 0) {
      throw new ProofError(
        `With it the migrations still do not make what supabase/schemas says:\n  ${
          wrong.join("\n  ")
        }`,
      );
    }
  } finally {
    await database.stop();
  }
}

/**
 * On a database with rows in every table: it can be applied, and no row is lost.
 * @throws ProofError; MigrationError when the migration fails
 */
export async function proveLossless(held: Migration[], added: Migration): Promise<void> {
  const database = await startTemporaryDatabase(held);
  const sql = connectAs("postgres", database.port);
  try {
    await fillEveryTable(sql);
    const before = await readRows(sql);
    await apply(database.port, [...held, added]);
    const lost = lostRows(before, await readRows(sql));
    if (lost.length > 0) {
      throw new ProofError(`Rows are lost or changed by it:\n  ${lost.join("\n  ")}`);
    }
  } finally {
    await sql.end();
    await database.stop();
  }
}

/** Applies those that a database has not yet. @throws MigrationError */
export async function apply(port: number, migrations: Migration[]): Promise<void> {
  const sql = connectAs("postgres", port);
  await applyMigrations(sql, migrations).finally(() => sql.end());
}
