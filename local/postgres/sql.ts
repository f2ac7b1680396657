/** Connections of the stack itself. */
import postgres from "postgres";

export type Role = "postgres" | "supabase_admin" | "authenticator";

/** Known to all, as in Supabase's own local stack: Postgres listens on loopback only. */
const password = "postgres";

export function databaseUrl(role: Role, port: number): string {
  return `postgresql://${role}:${password}@127.0.0.1:${port}/postgres`;
}

/** A small pool; notices are dropped. */
export function connectAs(role: Role, port: number, max = 1): postgres.Sql {
  return postgres(databaseUrl(role, port), { max, onnotice: () => {}, connect_timeout: 10 });
}
