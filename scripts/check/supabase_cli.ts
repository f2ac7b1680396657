/** The Supabase CLI, from npm: the package of this platform holds nothing but the program. */
import { join } from "node:path";
import { cacheDir } from "../../local/paths.ts";
import { lastLines, run } from "./run.ts";
import type { CheckContext } from "./step.ts";

const cliVersion = "3.1.0";

function platform(): string {
  const arch = Deno.build.arch === "x86_64" ? "x64" : "arm64";
  return `${Deno.build.os}-${arch}`;
}

/**
 * Path of the program; fetched once, then kept in the stack's cache.
 * @throws with npm's words when it cannot be fetched.
 */
export function supabaseCli(context: CheckContext): Promise<string> {
  return context.once("supabase cli", async () => {
    const name = `@supabase/cli-${platform()}`;
    const home = join(cacheDir(), `supabase-cli-${cliVersion}`);
    const program = join(home, "node_modules", name, "bin/supabase");
    if (await runs(program)) return program;
    Deno.mkdirSync(home, { recursive: true });
    const config = { nodeModulesDir: "auto", imports: { cli: `npm:${name}@${cliVersion}` } };
    Deno.writeTextFileSync(join(home, "deno.json"), JSON.stringify(config));
    const ran = await run(Deno.execPath(), ["install", "--quiet"], { cwd: home });
    if (ran.code !== 0) {
      throw new Error(`the Supabase CLI could not be fetched: ${lastLines(ran, 10)}`);
    }
    return program;
  });
}

async function runs(program: string): Promise<boolean> {
  try {
    return (await run(program, ["--version"])).code === 0;
  } catch (problem) {
    if (problem instanceof Deno.errors.NotFound) return false;
    throw problem;
  }
}
