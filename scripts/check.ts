/** `deno task check`: what must hold before a commit. */
import { commandLine, TASK, usageError } from "../local/command_line.ts";
import { advisors } from "./check/advisors.ts";
import { bundle } from "./check/bundle.ts";
import { format, lint, types } from "./check/code.ts";
import { configInSync } from "./check/config.ts";
import { docs } from "./check/docs.ts";
import { exportsInUse } from "./check/exports.ts";
import { functionImports } from "./check/function_imports.ts";
import { generated } from "./check/generated_types.ts";
import { hosted } from "./check/hosted.ts";
import { layers } from "./check/layers.ts";
import { comments, migrations } from "./check/migrations.ts";
import { releases } from "./check/releases.ts";
import { report, runSteps } from "./check/report.ts";
import { schemas } from "./check/schemas.ts";
import { sql } from "./check/sql.ts";
import type { Step } from "./check/step.ts";
import { length, texts } from "./check/texts.ts";
import { words } from "./check/words.ts";
import { openContext } from "./check/context.ts";

const steps: Step[] = [
  ...[format, lint, sql, texts, words, length, releases],
  ...[migrations, schemas, comments, generated, advisors, docs],
  ...[types, exportsInUse, functionImports, configInSync, layers, hosted, bundle],
];

const help = `${TASK} check [--only NAME[,NAME]] [--write]

Everything that must hold before a commit. Exit code 0 when all of it holds, 1 when not, 2 for a mistake
in the options.

  --only NAME   these checks only; may be repeated
  --write       write what is generated (format, generated, config, imports) instead of comparing it
  --help        this

${steps.map((step) => `  ${step.name.padEnd(12)}  ${step.description}`).join("\n")}
`;

const { values: chosen } = commandLine(help, {
  options: {
    only: { type: "string", multiple: true },
    write: { type: "boolean", default: false },
  },
});
const names = chosen.only?.flatMap((value) => value.split(",")).map((name) => name.trim());
const unknown = names?.filter((name) => !steps.some((step) => step.name === name)) ?? [];
if (unknown.length > 0) usageError(`no check is named ${unknown.join(", ")}`, help);

const context = openContext(chosen.write);
let passed = false;
try {
  const wanted = steps.filter((step) => names?.includes(step.name) ?? true);
  passed = report(await runSteps(wanted, context));
} finally {
  await context.close();
}
Deno.exit(passed ? 0 : 1);
