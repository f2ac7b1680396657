/** `deno task release VERSION`: freezes the migrations that there are. */
import { basename, join } from "node:path";
import { commandLine, TASK, usageError } from "../local/command_line.ts";
import { migrationsDir, readMigrations } from "../local/migrations.ts";
import { frozenProblems, isLater, readReleases, sumsOf } from "../local/releases.ts";
import { readProjectFile } from "./check/files.ts";
import { migrations } from "./check/migrations.ts";
import { runSteps } from "./check/report.ts";
import { schemas } from "./check/schemas.ts";
import { openContext } from "./check/context.ts";
import { isInChangelog } from "./release/changelog.ts";

const help = `${TASK} release VERSION

Makes a release of the migrations that there are: appends VERSION and the last of them to
supabase/migrations/RELEASES, and writes the hash of each into SUMS. From then on 'task check' refuses an edit
of any of them.

  VERSION   0.1.0; later than the last one, with a section and a date in CHANGELOG.md
  --help    this

Exit code 0 when it is made; 1 when something stands in the way, and then nothing is written; 2 for a mistake in
the options.`;

function readVersion(): string {
  const { positionals } = commandLine(help, { allowPositionals: true });
  const [version = "", ...more] = positionals;
  if (more.length === 0 && /^\d+\.\d+\.\d+$/.test(version)) return version;
  usageError(`One version, as 0.1.0, not "${positionals.join(" ")}"`, help);
}

/** What stands in the way of this release. */
async function objections(version: string): Promise<string[]> {
  const last = readReleases().at(-1);
  const found = frozenProblems().map(({ file, message }) => `${file} ${message}`);
  if (last !== undefined && !isLater(version, last.version)) {
    found.push(`${version} is not later than ${last.version}`);
  }
  if (!isInChangelog(readProjectFile("CHANGELOG.md"), version)) {
    found.push(`CHANGELOG.md has no section "## [${version}] - ${today()}"`);
  }
  if (found.length > 0) return found;
  const context = openContext(false);
  try {
    const results = await runSteps([schemas, migrations], context);
    return results.filter(({ outcome }) => outcome.findings.length > 0)
      .map(({ step }) => `${TASK} check --only ${step.name} fails`);
  } finally {
    await context.close();
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

const header =
  "# A release and its last migration a line, written by deno task release. What is released is never edited.\n";

const version = readVersion();
const against = await objections(version);
if (against.length > 0) {
  console.error(`${version} was not released:\n${against.map((one) => `  ${one}`).join("\n")}`);
  Deno.exit(1);
}
const files = readMigrations().map(({ path }) => basename(path));
const made = [...readReleases(), { version, last: files.at(-1) ?? "" }];
const sums = [...sumsOf(files)].map(([file, sum]) => `${sum}  ${file}\n`);
Deno.writeTextFileSync(join(migrationsDir, "SUMS"), sums.join(""));
Deno.writeTextFileSync(
  join(migrationsDir, "RELEASES"),
  header + made.map((one) => `${one.version} ${one.last}\n`).join(""),
);
console.log(`${version} ends with ${files.at(-1)}; ${files.length} migrations are frozen.
Then: git add supabase/migrations && git commit -m "chore(release): ${version}" && git tag v${version}`);
