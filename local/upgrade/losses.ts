/** What bringing a database in line would lose: not what a statement may lose, but what is there. */
import type postgres from "postgres";
import type { Change } from "../schema/difference.ts";

/** In words, one a table or column; nothing for those that hold nothing. */
export async function losses(sql: postgres.Sql, changes: Change[]): Promise<string[]> {
  const found: string[] = [];
  for (const { loses, dropped } of changes) {
    if (loses === null) continue;
    const rows = dropped === undefined ? null : await held(sql, dropped.table, dropped.column);
    if (rows === null) found.push(loses);
    else if (rows > 0) found.push(`${loses}, which ${rows} rows have`);
  }
  return found;
}

/** How many rows a table has, or have something in a column; what Postgres writes itself is not lost. */
async function held(sql: postgres.Sql, table: string, column: string | null): Promise<number> {
  if (column === null) return count(sql, `select count(*)::integer as count from ${table}`);
  const generated = await count(
    sql,
    `select count(*)::integer as count from pg_attribute
     where attrelid = '${table}'::regclass and attname = '${column}' and attgenerated <> ''`,
  );
  if (generated > 0) return 0;
  return count(sql, `select count("${column}")::integer as count from ${table}`);
}

async function count(sql: postgres.Sql, text: string): Promise<number> {
  const [row] = await sql.unsafe(text);
  return row?.count ?? 0;
}
