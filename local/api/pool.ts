/**
 * A pool of connections for Lite's query builder, on node-postgres: it survives the death of a connection in the
 * middle of a transaction, which Lite's own driver does not.
 */
import pg from "pg";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import { createPgPool } from "../postgres/pool.ts";
import { parameterTypes } from "./parameter_types.ts";
import { jsonTypes, readers } from "./types.ts";

interface PoolOptions {
  url: string;
  max: number;
  /** Whether a text meant for a json column is JSON already, or a value to be written as JSON. */
  textIsJson: boolean;
}

export interface Pool extends PostgresPool {
  /** Learns array types made since the first query. */
  forgetTypes(): void;
}

/** What it is; its type declarations speak of an older form. */
const arrayParser = pg.types.arrayParser as unknown as {
  create(text: string, read: (text: string) => unknown): { parse(): unknown[] };
};

export function createPool(options: PoolOptions): Pool {
  const arrays: Record<number, number> = {};
  let typesKnown: Promise<void> | null = null;
  const pool = createPgPool({
    connectionString: options.url,
    max: options.max,
    options: "-c TimeZone=UTC",
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 0,
    types: { getTypeParser: (oid: number) => readerOf(oid) },
  });

  function readerOf(oid: number): (text: string) => unknown {
    const element = arrays[oid];
    if (element === undefined) return readers[oid] ?? ((text) => text);
    return (text) => arrayParser.create(text, readers[element] ?? ((one: string) => one)).parse();
  }

  async function learnTypes(): Promise<void> {
    const { rows } = await pool.query(
      "select oid, typelem from pg_type where typcategory = 'A' and typelem <> 0",
    );
    for (const { oid, typelem } of rows) arrays[oid] = typelem;
  }

  async function connect(): Promise<PostgresPoolClient> {
    typesKnown ??= learnTypes();
    await typesKnown.catch((error) => {
      typesKnown = null;
      throw error;
    });
    const client = await pool.connect();
    let broken = false;
    const onError = () => broken = true;
    client.on("error", onError);
    const query = async (sql: string, parameters: readonly unknown[]) => {
      const types = await parameterTypes(client, sql, parameters);
      const values = parameters.map((value, at) => toText(value, types[at], sql, at + 1));
      return await client.query(sql, values);
    };
    return {
      query: query as unknown as PostgresPoolClient["query"],
      release() {
        client.off("error", onError);
        client.release(broken);
      },
    };
  }

  /** Lite hands over what came as JSON; node-postgres itself writes arrays and plain values. */
  function toText(value: unknown, type: number | undefined, sql: string, place: number): unknown {
    if (value === null || value === undefined || type === undefined || !jsonTypes.has(type)) {
      return value;
    }
    if (typeof value !== "string") return JSON.stringify(value);
    const cast = options.textIsJson || new RegExp(`\\$${place}::json`).test(sql);
    return cast ? value : JSON.stringify(value);
  }

  return { connect, end: () => pool.end(), forgetTypes: () => typesKnown = null };
}
