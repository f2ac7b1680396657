/** `supabase/config.toml` knows every function, and each as it is. */
import { TASK } from "../../local/command_line.ts";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { projectRoot } from "../../local/paths.ts";
import { readIfThere, readProjectFile } from "./files.ts";
import { functionNames } from "./graph.ts";
import { error, type Finding, type Step } from "./step.ts";

const path = "supabase/config.toml";

const config = z.object({
  db: z.object({ major_version: z.literal(17) }),
  functions: z.record(
    z.string(),
    z.strictObject({
      // The functions check the key themselves.
      verify_jwt: z.literal(false),
      import_map: z.string(),
      entrypoint: z.string(),
    }),
  ),
});

function section(name: string): string {
  return [
    `[functions.${name}]`,
    "verify_jwt = false",
    `import_map = "./functions/${name}/deno.json"`,
    `entrypoint = "./functions/${name}/index.ts"\n`,
  ].join("\n");
}

/** The text of config.toml with a section for each of these functions, by name, where it has none. */
export function withSections(text: string, names: string[]): string {
  const [head = "", ...held] = text.split(/^(?=\[functions\.)/m);
  const missing = names.filter((name) => !text.includes(`[functions.${name}]`)).map(section);
  if (missing.length === 0) return text;
  const all = [...held, ...missing].map((one) => one.trimEnd());
  return `${head.trimEnd()}\n\n${all.sort().join("\n\n")}\n`;
}

export const configInSync: Step = {
  name: "config",
  description: "config.toml names every function, its entry and its import map, and no other",
  run({ write }) {
    if (write) {
      const text = withSections(readProjectFile(path), functionNames());
      Deno.writeTextFileSync(join(projectRoot, path), text);
    }
    const parsed = config.safeParse(parse(readProjectFile(path)));
    if (!parsed.success) {
      const mistakes = parsed.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
      return { findings: mistakes.map((one) => error(one, path)) };
    }
    const named = parsed.data.functions;
    const folders = functionNames();
    const findings: Finding[] = [
      ...folders.filter((name) => named[name] === undefined)
        .map((name) =>
          error(`has no [functions.${name}]: ${TASK} check --write --only config`, path)
        ),
      ...Object.keys(named).filter((name) => !folders.includes(name))
        .map((name) => error(`[functions.${name}] has no folder`, path)),
      ...folders.filter((name) => readIfThere(`supabase/functions/${name}/index.ts`) === null)
        .map((name) => error("has no index.ts", `supabase/functions/${name}`)),
    ];
    for (const [name, { import_map, entrypoint }] of Object.entries(named)) {
      const pairs = [[import_map, "deno.json"], [entrypoint, "index.ts"]] as const;
      for (const [held, file] of pairs) {
        const right = `./functions/${name}/${file}`;
        if (held !== right) findings.push(error(`names ${held} instead of ${right}`, path));
        else if (readIfThere(join("supabase", held)) === null) {
          findings.push(error(`${held} does not exist`, path));
        }
      }
    }
    return { findings, note: `${folders.length} functions` };
  },
};
