import type { VehicleRow } from "../fixtures/vehicles.ts";
import type { Sql } from "./world.ts";

/** Inserts vehicles as an importer does, in one statement; gives their ids in the order of the rows. */
export async function insertVehicles(sql: Sql, rows: readonly VehicleRow[]): Promise<string[]> {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const list = columns.map((column) => `"${column}"`).join(", ");
  const inserted = await sql.begin(async (tx) => {
    await tx`select set_config('vehicles.writer', 'import', true)`; // no person's word: pages may correct it
    return await tx.unsafe<{ id: string; discovery_url: string }[]>(
      `insert into vehicles (${list}) select ${list}
       from jsonb_populate_recordset(null::vehicles, $1::jsonb)
       returning id, discovery_url`,
      [rows as unknown as string], // postgres.js writes it as JSON: the parameter is jsonb
    );
  });
  const ids = new Map(inserted.map((row) => [row.discovery_url, row.id]));
  return rows.map((row) => ids.get(row.discovery_url) ?? "");
}

/**
 * The sites are ours and on this machine, so no host needs a rest between two requests. What a
 * robots.txt asks for is kept all the same.
 */
export async function allowFullSpeed(sql: Sql, hosts: readonly string[]): Promise<void> {
  await sql`
    insert into source_hosts (host, min_interval_ms)
    select host, 0 from unnest(${[...hosts]}::text[]) host
    on conflict (host) do update set min_interval_ms = 0`;
}
