/** Rows in every table of a database, whatever its schema: made up, so that an upgrade has something to lose. */
import postgres from "postgres";
import { readTables, type Table } from "./columns.ts";
import { candidates, type Chance, chanceOf } from "./sample_values.ts";

const tries = 12;
const turns = 4;

/**
 * Puts `rows` rows into each table of `public` and `private` that is empty, with the constraints and triggers on; fewer
 * where they allow no more. What holds rows already is a list that others go by: nothing made up stands there.
 * @throws when a table takes none of what is tried: then `sample_values.ts` needs a hint for it.
 */
export async function fillEveryTable(sql: postgres.Sql, rows = 2, seed = 1): Promise<void> {
  const chance = chanceOf(seed);
  let empty = await emptyTables(sql);
  let refusals: string[] = [];
  // A trigger may look for rows of a table that comes later: those that stay empty have another turn.
  for (let turn = 0; turn < turns && empty.length > 0; turn++) {
    const refused: Table[] = [];
    refusals = [];
    for (const table of empty) {
      const refusal = await fill(sql, table, rows, chance);
      if (refusal === null) continue;
      refused.push(table);
      refusals.push(`${table.name}: ${refusal}`);
    }
    empty = refused;
  }
  if (empty.length > 0) {
    throw new Error(`No row could be made up (scripts/schema/) for\n  ${refusals.join("\n  ")}`);
  }
}

async function emptyTables(sql: postgres.Sql): Promise<Table[]> {
  const empty: Table[] = [];
  for (const table of await readTables(sql)) {
    if (await count(sql, table) === 0) empty.push(table);
  }
  return empty;
}

/** Gives why the table is still empty, or null. */
async function fill(
  sql: postgres.Sql,
  table: Table,
  rows: number,
  chance: Chance,
): Promise<string | null> {
  let refusal = "";
  let made = 0;
  for (let attempt = 0; attempt < tries && made < rows; attempt++) {
    refusal = await insertOne(sql, table, chance);
    if (refusal === "") made++;
  }
  return made === 0 && await count(sql, table) === 0 ? refusal : null;
}

async function count(sql: postgres.Sql, table: Table): Promise<number> {
  const [row] = await sql.unsafe(`select count(*)::integer as count from ${table.name}`);
  return row?.count ?? 0;
}

/** Tries one row, changing what is refused, until it fits or nothing helps. Gives the last refusal, or nothing. */
async function insertOne(sql: postgres.Sql, table: Table, chance: Chance): Promise<string> {
  const row = new Map<string, string | null>();
  for (const column of table.columns) {
    if (!column.generated) row.set(column.name, pick(candidates(table, column, chance), chance));
  }
  for (const { columns, table: other, their_columns } of table.references) {
    const [referred] = await sql.unsafe(
      `select ${their_columns.map((name) => `"${name}"::text`).join(", ")} from ${other}
       order by md5(${
        their_columns.map((name) => `"${name}"::text`).join(" || ")
      } || '${chance()}') limit 1`,
    );
    columns.forEach((name, at) => row.set(name, referred?.[their_columns[at] ?? ""] ?? null));
  }
  let refusal = "";
  for (let change = 0; change < 60; change++) {
    const error = await tryInsert(sql, table, row);
    if (error === null) return "";
    refusal = error.message;
    const blamed = blame(table, error).filter((name) => row.has(name) && !isReference(table, name));
    if (blamed.length === 0) return refusal;
    for (const name of blamed) {
      const column = table.columns.find((one) => one.name === name);
      if (column === undefined) continue;
      const mayBeNull = !column.not_null && error.code !== "23502";
      row.set(
        name,
        mayBeNull && chance() < 0.4 ? null : pick(candidates(table, column, chance, true), chance),
      );
    }
  }
  return refusal;
}

function isReference(table: Table, column: string): boolean {
  return table.references.some(({ columns }) => columns.includes(column) && columns.length === 1);
}

/** The columns to change: those of the constraint that was broken; when a trigger refused the row, those it names. */
function blame(table: Table, error: postgres.PostgresError): string[] {
  if (error.column_name !== undefined) return [error.column_name];
  const rule = table.rules.find(({ name }) => name === error.constraint_name) ??
    table.references.find(({ name }) => name === error.constraint_name);
  if (rule !== undefined) return rule.columns;
  const said = error.message.toLowerCase().split(/[^a-z]+/);
  const names = table.columns.map(({ name }) => name);
  const named = names.filter((name) => name.split("_").some((word) => said.includes(word)));
  return named.length > 0 ? named : names;
}

async function tryInsert(
  sql: postgres.Sql,
  table: Table,
  row: Map<string, string | null>,
): Promise<postgres.PostgresError | null> {
  const names = [...row.keys()].map((name) => `"${name}"`).join(", ");
  const literal = (value: string | null) =>
    value === null ? "null" : `'${value.replaceAll("'", "''")}'`;
  try {
    await sql.unsafe(
      `insert into ${table.name} (${names}) values (${[...row.values()].map(literal).join(", ")})`,
    );
    return null;
  } catch (error) {
    if (error instanceof postgres.PostgresError) return error;
    throw error;
  }
}

function pick(values: string[], chance: Chance): string {
  return values[Math.floor(chance() * values.length)] ?? "";
}
