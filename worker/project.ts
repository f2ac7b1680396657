/** The project that the environment names. */
import type { Environment } from "../supabase/functions/_shared/edge/environment.ts";

/** As the other tools of this project call it. */
const KEY_NAMES = ["SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY"];

/**
 * What the functions' code is given of its project.
 * @throws Error that says which variable is missing or wrong, and what to set.
 */
export function readProject(get: (name: string) => string | undefined): Environment {
  const url = get("SUPABASE_URL")?.trim().replace(/\/+$/, "");
  if (!url) throw new Error("SUPABASE_URL is not set: https://YOUR_PROJECT.supabase.co");
  if (!/^https?:\/\/[^\s/]+$/.test(url)) throw new Error(`SUPABASE_URL is no project: "${url}"`);
  const key = KEY_NAMES.map((name) => get(name)?.trim()).find((one) => one);
  if (!key) {
    throw new Error(
      `no key: set ${KEY_NAMES.join(" or ")} to a secret key of Settings → API keys`,
    );
  }
  if (key.startsWith("sb_publishable_")) {
    throw new Error("the key is the publishable one: a worker needs a secret key");
  }
  return {
    supabaseUrl: url,
    serviceKey: key,
    acceptedKeys: [key],
    get: (name) => get(name) || undefined,
  };
}
