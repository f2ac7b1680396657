/** Vault's secrets, by which cron finds the functions; a deployer creates the same two by hand. */
import { connectAs } from "./postgres/sql.ts";

/** Creates or updates each named secret. */
export async function keepSecrets(port: number, secrets: Record<string, string>): Promise<void> {
  const sql = connectAs("postgres", port);
  try {
    for (const [name, secret] of Object.entries(secrets)) {
      await sql`
        select case when s.id is null then vault.create_secret(${secret}, ${name})::text
          else vault.update_secret(s.id, ${secret})::text end
        from (select 1) one left join vault.secrets s on s.name = ${name}`;
    }
  } finally {
    await sql.end();
  }
}
