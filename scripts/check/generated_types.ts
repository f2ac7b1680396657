/** `_shared/database/database.types.ts` is what the Supabase CLI generates from the migrated database. */
import { TASK } from "../../local/command_line.ts";
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { migratedDatabase, supabase } from "./databases.ts";
import { lastLines, run } from "./run.ts";
import { error, type Step } from "./step.ts";
import type { CheckContext } from "./step.ts";

const path = "supabase/functions/_shared/database/database.types.ts";

const header =
  "// Generated from the migrations; `deno task check --write --only generated` renews it.\n\n";

/** The types of the database, formatted. @throws with the CLI's words when it fails. */
async function generate(context: CheckContext): Promise<string> {
  const { url } = await migratedDatabase(context);
  const made = await supabase(
    context,
    "gen",
    "types",
    "typescript",
    `--remote=${url}`,
    "--schema",
    "public",
  );
  if (made.code !== 0) throw new Error(`supabase gen types: ${lastLines(made)}`);
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(file, header + made.stdout);
    const formatted = await run(Deno.execPath(), [
      "fmt",
      "--quiet",
      "--no-config",
      "--line-width",
      "100",
      file,
    ]);
    if (formatted.code !== 0) throw new Error(`deno fmt: ${lastLines(formatted)}`);
    return Deno.readTextFileSync(file);
  } finally {
    Deno.removeSync(file);
  }
}

export const generated: Step = {
  name: "generated",
  description: "database.types.ts is what supabase gen types gives",
  async run(context) {
    const text = await generate(context);
    const held = Deno.readTextFileSync(join(projectRoot, path));
    const note = `${text.split("\n").length} lines`;
    if (held === text) return { findings: [], note };
    if (!context.write) {
      return {
        findings: [error(`out of date: ${TASK} check --write --only generated`, path)],
        note,
      };
    }
    Deno.writeTextFileSync(join(projectRoot, path), text);
    return { findings: [], note: `${note}, written` };
  },
};
