/** Connections of the stack itself. */
import pg from "pg";
import postgres from "postgres";
import { readers } from "../api/types.ts";
import { createPgPool } from "./pool.ts";

type Role = "postgres" | "supabase_admin" | "authenticator";

/** Known to all, as in Supabase's own local stack: Postgres listens on loopback only. */
const password = "postgres";

export function databaseUrl(role: Role, port: number): string {
  return `postgresql://${role}:${password}@127.0.0.1:${port}/postgres`;
}

/** For work that ends before Postgres does: setting up, migrations. Notices are dropped. */
export function connectAs(role: Role, port: number, max = 1): postgres.Sql {
  return postgres(databaseUrl(role, port), { max, onnotice: () => {}, connect_timeout: 10 });
}

type Row = Record<string, unknown>;

/**
 * For work that goes on when Postgres is killed and comes back: a statement fails then, the next one connects anew.
 * (postgres.js can be left with a connection that never answers.)
 */
export interface LastingSql {
  /** Runs a statement with the values as parameters: sql`select ${1}::int as n`. */
  <T extends object = Row>(strings: TemplateStringsArray, ...values: unknown[]): Promise<T[]>;
  /** Runs a text, in which several statements are one transaction; gives the rows of the last one. */
  unsafe<T extends object = Row>(text: string): Promise<T[]>;
  end(): Promise<void>;
}

export function lastingSql(role: Role, port: number, max: number): LastingSql {
  const pool = createPgPool({
    connectionString: databaseUrl(role, port),
    max,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000, // as PostgREST's db-pool-max-idletime: a new session plans everything anew
    types: { getTypeParser: (oid: number) => readers[oid] ?? ((text: string) => text) },
  });
  const run = async (strings: TemplateStringsArray, ...values: unknown[]) => {
    const text = strings.reduce((before, after, at) => `${before}$${at}${after}`);
    return (await pool.query(text, values)).rows;
  };
  const unsafe = async (text: string) => {
    const result = await pool.query(text);
    return (Array.isArray(result) ? result.at(-1) : result).rows;
  };
  return Object.assign(run, { unsafe, end: () => pool.end() }) as LastingSql;
}

/**
 * Calls back for each notification of a channel, and whenever it listens again after the connection was lost.
 * @returns stops listening
 */
export function listen(port: number, channel: string, notified: () => void): () => Promise<void> {
  let client: pg.Client | null = null;
  let stopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;

  async function connect(): Promise<void> {
    client = new pg.Client({ connectionString: databaseUrl("supabase_admin", port) });
    let lost = false;
    const again = () => {
      if (lost || stopped) return;
      lost = true;
      retry = setTimeout(connect, 250);
    };
    client.on("error", again);
    client.on("end", again);
    client.on("notification", notified);
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      notified();
    } catch {
      again();
    }
  }

  const connecting = connect();
  return async () => {
    stopped = true;
    clearTimeout(retry);
    await connecting;
    await client?.end().catch(() => {});
  };
}
