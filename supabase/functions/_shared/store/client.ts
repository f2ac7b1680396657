import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.ts";

export type Store = SupabaseClient<Database>;

/** A Supabase client that acts as the service: no session is kept or refreshed. */
export function connect(url: string, key: string): Store {
  return createClient<Database>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}
