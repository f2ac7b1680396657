import type postgres from "postgres";

/** Inserts a vehicle as another system held it: no person's word, pages may correct it. Gives its id. */
export async function load(
  sql: postgres.Sql,
  values: Record<string, string | number>,
): Promise<string> {
  const rows = await sql.begin(async (tx) => {
    await tx`select set_config('vehicles.writer', 'import', true)`;
    return await tx<{ id: string }[]>`insert into vehicles ${tx(values)} returning id`;
  });
  if (rows[0] === undefined) throw new Error("no vehicle was made");
  return rows[0].id;
}
