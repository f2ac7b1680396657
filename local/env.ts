/** What a person may tell the functions. */
import { join } from "node:path";
import { parseEnv } from "node:util";
import { projectRoot } from "./paths.ts";

/** Read from the caller's environment, over what `supabase/functions/.env` says, as `supabase functions serve` does. */
const passedOn = [
  "CONTACT_URL",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "OPENAI_MODEL",
  "SOURCE_MIRROR_URL",
];

/** Variables for the functions of a stack that a person started. */
export function functionEnv(): Record<string, string> {
  const env = readEnvFile(join(projectRoot, "supabase/functions/.env"));
  for (const name of passedOn) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

function readEnvFile(path: string): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(parseEnv(Deno.readTextFileSync(path))).map((
        [name, value],
      ) => [name, value ?? ""]),
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
