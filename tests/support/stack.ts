/** A stack for tests: one for a whole file, or one for one test. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { type Stack, type StackOptions, startStack } from "../../local/stack.ts";
import { connect, type DatabaseClient } from "../../supabase/functions/_shared/database/client.ts";

export type { Stack };

/**
 * Starts a stack without the job that looks for new listings every ten minutes by the clock: a test
 * must find the same at any time of day, and ask no site that it does not play itself.
 */
export async function startTestStack(options: StackOptions): Promise<Stack> {
  const scheduled = options.migrations !== false;
  // Before cron starts: the full ten minutes may come in the moment after.
  const paused = scheduled ? { pausedJobs: ["pipeline-orchestrator"] } : {};
  return await startStack({ quiet: true, ...paused, ...options });
}

/** Runs with a stack of its own, and stops it whatever happens. */
export async function withStack(
  options: StackOptions,
  use: (stack: Stack) => Promise<void>,
): Promise<void> {
  const stack = await startTestStack(options);
  try {
    await use(stack);
  } finally {
    await stack.stop();
  }
}

/**
 * One stack for all tests of a file, started at the first use and stopped with the process of the file:
 *
 *     const stack = sharedStack();
 *     Deno.test("…", async () => { const { store, sql } = await stack(); … });
 *
 * Tests that share a stack must not sanitise resources: it outlives each of them.
 */
export function sharedStack(options: StackOptions = {}): () => Promise<Connected> {
  let started: Promise<Connected> | null = null;
  return () => started ??= start(options);
}

interface Connected {
  stack: Stack;
  /** As the role `postgres`. */
  sql: postgres.Sql;
  /** As the service role, through the API. */
  database: DatabaseClient;
}

async function start(options: StackOptions): Promise<Connected> {
  const stack = await startTestStack(options);
  const client = sql(stack);
  const connected = { stack, sql: client, database: connect(stack.url, stack.keys.secret) };
  // Its processes end with ours, and the next stack removes what it leaves behind.
  return connected;
}

/** A postgres.js client of the role `postgres`; the caller ends it. */
export function sql(stack: Stack, options: { max?: number; admin?: boolean } = {}): postgres.Sql {
  return postgres(options.admin ? stack.adminDbUrl : stack.dbUrl, {
    max: options.max ?? 4,
    onnotice: () => {},
  });
}

/** supabase-js with the publishable key, as a browser has it. */
export function anonClient(stack: Stack): SupabaseClient {
  return client(stack, stack.keys.publishable);
}

/** supabase-js with the secret key, without the types of our schema. */
export function serviceClient(stack: Stack): SupabaseClient {
  return client(stack, stack.keys.secret);
}

/** Signs in a new user whose `app_metadata` is given, such as `{ role: "operator" }`. */
export async function signedIn(
  stack: Stack,
  appMetadata: Record<string, unknown> = {},
): Promise<SupabaseClient> {
  const [email, password] = [`${crypto.randomUUID()}@example.com`, crypto.randomUUID()];
  const made = await serviceClient(stack).auth.admin.createUser({
    email,
    password,
    email_confirm: true,
    app_metadata: appMetadata,
  });
  if (made.error) throw made.error;
  const user = anonClient(stack);
  const { error } = await user.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return user;
}

interface Answer {
  status: number;
  /** The body, parsed when it is JSON. */
  body: unknown;
}

/** Calls an edge function as curl would, with the secret key unless another is given; null sends none. */
export async function invoke(
  stack: Stack,
  name: string,
  body: unknown = {},
  options: { key?: string | null; method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const key = options.key === undefined ? stack.keys.secret : options.key;
  const method = options.method ?? "POST";
  const response = await fetch(`${stack.url}/functions/v1/${name}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(key === null ? {} : { apikey: key }),
      ...options.headers,
    },
    ...(method === "GET" || method === "HEAD"
      ? {}
      : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: text };
  }
}

function client(stack: Stack, key: string): SupabaseClient {
  return createClient(stack.url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}
