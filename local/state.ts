/** What a running stack tells others about itself, in a file of its directory. */
import { join } from "node:path";
import type { Stack } from "./stack.ts";

interface State {
  /** Process id of the stack. */
  pid: number;
  /** The words of `supabase status -o env`, and a few more. */
  values: Record<string, string>;
}

const file = "stack.json";

/** Names and values as `supabase status -o env` gives them. */
function describe(stack: Stack): Record<string, string> {
  return {
    API_URL: stack.url,
    REST_URL: `${stack.url}/rest/v1`,
    FUNCTIONS_URL: `${stack.url}/functions/v1`,
    STORAGE_URL: `${stack.url}/storage/v1`,
    DB_URL: stack.dbUrl,
    PUBLISHABLE_KEY: stack.keys.publishable,
    SECRET_KEY: stack.keys.secret,
    ANON_KEY: stack.keys.anon,
    SERVICE_ROLE_KEY: stack.keys.serviceRole,
    FUNCTIONS_LOG: stack.functionsLog,
  };
}

/** Only the owner may read the keys. */
export function writeState(dataDir: string, stack: Stack): void {
  const state: State = { pid: Deno.pid, values: describe(stack) };
  Deno.writeTextFileSync(join(dataDir, file), JSON.stringify(state, null, 2) + "\n", {
    mode: 0o600,
  });
}

export function removeState(dataDir: string): void {
  try {
    Deno.removeSync(join(dataDir, file));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The stack that runs on this directory; null when none does. */
export async function readState(dataDir: string): Promise<State | null> {
  let state: State;
  try {
    state = JSON.parse(await Deno.readTextFile(join(dataDir, file)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const url = state.values.API_URL ?? "";
  const alive = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    .then((answer) => answer.body?.cancel().then(() => true), () => false);
  return alive ? state : null;
}
