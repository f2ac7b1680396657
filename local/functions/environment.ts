/** What an edge function finds in its environment, as the platform sets it. */
import type { Stack } from "../stack.ts";

/** The variables that Supabase sets for every function of a project. */
export function functionEnvironment(
  { url, dbUrl, keys }: Pick<Stack, "url" | "dbUrl" | "keys">,
): Record<string, string> {
  return {
    SUPABASE_URL: url,
    SUPABASE_ANON_KEY: keys.anon,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
    SUPABASE_DB_URL: dbUrl,
  };
}
