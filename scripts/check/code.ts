/** Format, lint and types: what Deno itself checks. */
import { deno, lastLines, type Ran } from "./run.ts";
import { error, type Outcome, type Step } from "./step.ts";
import { projectFiles } from "./files.ts";

function outcome(ran: Ran, hint: string, note?: string): Outcome {
  if (ran.code === 0) return { findings: [], note };
  return { findings: [error(`${lastLines(ran)}\n${hint}`)] };
}

export const format: Step = {
  name: "format",
  description: "every file is formatted",
  async run({ write }) {
    const ran = await deno("fmt", ...(write ? [] : ["--check"]));
    return outcome(ran, "mend it with: deno fmt");
  },
};

export const lint: Step = {
  name: "lint",
  description: "no lint, no `any`, no `!`",
  run: async () =>
    outcome(await deno("lint", "--quiet"), "each rule can be looked up: deno lint --rules"),
};

export const types: Step = {
  name: "types",
  description: "everything type-checks, with the locked packages",
  async run() {
    const files = projectFiles(".", ".ts");
    const ran = await deno("check", "--quiet", "--frozen", "--config", "deno.json", ...files);
    return outcome(
      ran,
      "a changed deno.lock is renewed with: deno install",
      `${files.length} files`,
    );
  },
};
