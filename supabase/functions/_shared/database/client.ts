import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.ts";

export type DatabaseClient = SupabaseClient<Database>;

/** A statement of the API may run about 8 s; an answer that takes longer than this never comes. */
const LONGEST_ANSWER_MS = 20_000;

/** `fetch` that gives up on an API which holds the line and says nothing. */
function impatientFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const late = AbortSignal.timeout(LONGEST_ANSWER_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, late]) : late;
  return fetch(input, { ...init, signal });
}

/**
 * A Supabase client that acts as the service: no session is kept or refreshed.
 * @param headers of every request, besides those of the client.
 */
export function connect(
  url: string,
  key: string,
  headers: Record<string, string> = {},
): DatabaseClient {
  return createClient<Database>(url, key, {
    global: { fetch: impatientFetch, headers },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}
