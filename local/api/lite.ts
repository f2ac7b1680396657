/** Supabase Lite on our Postgres, with what it lacks mended. */
import { App, RelationNotFoundError, setExperimental, type VarsContext } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import { databaseUrl } from "../postgres/sql.ts";
import { ownerOfKey } from "./caller.ts";
import { errorBody, isDatabaseError, statusOf } from "./errors.ts";
import type { Keys } from "./keys.ts";
import { createPool, type Pool } from "./pool.ts";
import { sessionSql, sessionValues } from "./session.ts";

interface LiteOptions {
  databasePort: number;
  keys: Keys;
  storage: App["_storageAdapter"];
}

type Handler = (request: Request) => Promise<Response>;

interface Lite {
  /** PostgREST: tables and views under /rest/v1. */
  rest: Handler;
  /** Auth and Storage under /auth/v1 and /storage/v1. */
  system: Handler;
  /** Reads tables and functions anew, for tests that create some. */
  forgetSchema(): Promise<void>;
  close(): Promise<void>;
}

/** Two apps, because errors of the REST API and of the other two are answered differently. */
export function createLite(options: LiteOptions): Lite {
  setExperimental("storage", true);
  const url = databaseUrl("supabase_admin", options.databasePort);
  const restPool = createPool({ url, max: 12, textIsJson: false });
  const systemPool = createPool({ url, max: 4, textIsJson: true });
  const rest = createApp(options, restConnection(options.databasePort, restPool));
  const system = createApp(options, mendedConnection(options.databasePort, systemPool));
  system._storageAdapter = options.storage;
  initQuietly(rest, system);
  return {
    rest: async (request) => await rest.fetch(request),
    system: async (request) => await system.fetch(request),
    async forgetSchema() {
      restPool.forgetTypes();
      await rest.connection.clearSchemaCache();
    },
    async close() {
      await Promise.allSettled([restPool.end(), systemPool.end()]);
    },
  };
}

function createApp({ keys }: LiteOptions, connection: ReturnType<typeof baseConnection>) {
  return new App({
    connection,
    api: { schemas: ["public"], max_rows: 1000, plan_enabled: true },
    auth: { enabled: true, jwt_secret: keys.jwtSecret, jwt_expiry: 3600 },
    storage: { enabled: true },
    studio: { enabled: false },
    options: {
      server: {
        disableStudio: true,
        apiKeys: {
          resolver: (key) => {
            const owner = ownerOfKey(key, keys);
            if (owner === null) return Promise.resolve(null);
            const type = owner.role === "anon" ? "publishable" : "secret";
            return Promise.resolve({ type, claims: owner.claims });
          },
        },
      },
    },
  });
}

/** It looks at all tables, and changes into the caller's role for each request. */
function baseConnection(databasePort: number, pool: Pool) {
  const connection = createPostgresConnection({ url: databaseUrl("supabase_admin", databasePort) });
  connection.kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
  return connection;
}

/**
 * Lite would grant all tables of a schema with row level security to everybody, and set a session's settings in
 * eleven round trips. Ours grants nothing, always changes role, and takes one.
 */
function mendedConnection(databasePort: number, pool: Pool) {
  return mend(baseConnection(databasePort, pool), {
    ensureRlsContext: () => Promise.resolve(true),
    async applyJwtSessionContext(transaction: Kysely<unknown>, vars: VarsContext): Promise<void> {
      const { auth, storage } = vars as {
        auth?: { role?: string; jwt?: Record<string, unknown> };
        storage?: { operation?: string };
      };
      const role = auth?.role ?? "anon";
      const values = sessionValues({ role, claims: auth?.jwt ?? { role } }, {
        operation: storage?.operation,
      });
      await transaction.executeQuery(CompiledQuery.raw(sessionSql, values));
    },
  });
}

/** What Lite itself answers as PostgREST does, and better than we could: it knows the caller and the table. */
const wellAnswered = /^(42501|42703|42P01|42883|PGRST|PT...)$/;

/** Answers errors of Postgres as PostgREST would, through the door Lite has for `raise sqlstate 'PGRST'`. */
function restConnection(databasePort: number, pool: Pool) {
  return mend(mendedConnection(databasePort, pool), {
    normalizeDbError(error: unknown): unknown {
      if (isOrdinary(error)) hushOnce();
      if (!isDatabaseError(error)) return error;
      hushOnce();
      if (wellAnswered.test(error.code)) return error;
      return Object.assign(new Error(JSON.stringify(errorBody(error))), {
        code: "PGRST",
        detail: JSON.stringify({ status: statusOf(error.code, false), headers: {} }),
      });
    },
  });
}

/** An unknown table, a client that went away, a database that is being started again. */
function isOrdinary(error: unknown): boolean {
  return error instanceof RelationNotFoundError || error instanceof Deno.errors.BadResource ||
    (error instanceof Error && /ECONNREFUSED|ECONNRESET|Connection terminated/.test(error.message));
}

/** Replaces methods, some of which are private to Lite. */
function mend<Subject extends object>(subject: Subject, methods: Record<string, unknown>): Subject {
  return Object.assign(subject, methods);
}

/** Lite warns that storage is an experiment; who reads the terminal has not asked for one. */
async function initQuietly(...apps: App[]): Promise<void> {
  const warn = console.warn;
  console.warn = () => {};
  await Promise.all(apps.map((app) => app.init())).finally(() => console.warn = warn);
}

/** Lite prints each refused statement with its next words; what the client gets is enough. */
function hushOnce(): void {
  const print = console.error;
  console.error = () => {
    console.error = print;
  };
}
