/** Which edge functions there are. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "smol-toml";
import { z } from "zod";

const config = z.object({
  functions: z.record(
    z.string(),
    z.object({ enabled: z.boolean().optional(), entrypoint: z.string().optional() }),
  ).optional(),
});

/**
 * The functions of a `supabase` directory by name, each with the URL of its entry file: those that `config.toml`
 * names and does not disable; without a `config.toml`, each directory of `functions/` that holds an `index.ts`.
 */
export function readFunctionList(supabaseDir: string): Map<string, string> {
  const functionsDir = join(supabaseDir, "functions");
  const list = new Map<string, string>();
  const url = (path: string) => pathToFileURL(path).href;
  const settings = readConfig(join(supabaseDir, "config.toml"));
  if (settings === null) {
    for (const entry of Deno.readDirSync(functionsDir)) {
      if (!entry.isDirectory || /^[_.]/.test(entry.name)) continue;
      list.set(entry.name, url(join(functionsDir, entry.name, "index.ts")));
    }
    return list;
  }
  for (const [name, { enabled, entrypoint }] of Object.entries(settings)) {
    if (enabled === false) continue;
    const path = entrypoint === undefined
      ? join(functionsDir, name, "index.ts")
      : join(supabaseDir, entrypoint);
    list.set(name, url(path));
  }
  return list;
}

function readConfig(path: string) {
  try {
    return config.parse(parse(Deno.readTextFileSync(path))).functions ?? {};
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new Error(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}
