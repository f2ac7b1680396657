/** What an edge function finds in its environment, as the platform sets it. */
import type { Keys } from "../api/keys.ts";

/** How a project is reached, and as whom. */
interface ProjectAccess {
  /** Of the gateway. */
  url: string;
  /** Connects as the role `postgres`. */
  dbUrl: string;
  keys: Omit<Keys, "jwtSecret">;
}

/** The variables that Supabase sets for every function of a project. */
export function functionEnvironment(
  { url, dbUrl, keys }: ProjectAccess,
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
