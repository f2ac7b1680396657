import type { Sql } from "./world.ts";

/** Forgets fields as if they had never been read: a person's edit would be remembered. */
export async function forget(sql: Sql, ids: string[], field: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select set_config('vehicles.writer', 'apply_extractions', true)`;
    await tx`
      update vehicles set ${tx({ [field]: null })}, field_state = field_state - ${field}::text
      where id = any (${ids})`;
    await tx`delete from extraction_metadata where field_name = ${field} and vehicle_id = any (${ids})`;
  });
}
