/** Which tests to run, and how they are grouped. */
import { join, relative } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { examplesIn } from "./examples.ts";
import type { Job } from "./outcome.ts";

const sqlDir = "supabase/tests";
const sharedDir = "supabase/functions/_shared";
/** Where tests stand beside their files. */
const unitDirs = [
  ...[sharedDir, "dashboard", "worker", "scripts", "local", "demo", "bench", "tests/support"],
];

/**
 * The jobs for some areas, directories or files, relative to the project or to the current directory; all when none
 * is named. Unit tests of one directory run in one process, every other file in its own, pgTAP files together, and
 * all examples of doc comments together. What waits longest comes first.
 */
export function selectTests(wanted: string[]): Job[] {
  const under = (words: string[]) => {
    const prefixes = words.flatMap(toPaths);
    return (path: string) =>
      wanted.length === 0 ||
      prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  };
  const fits = under(wanted.filter((word) => word !== "examples"));
  const unit = unitDirs.flatMap((dir) => filesUnder(dir, /_test\.ts$/)).filter(fits);
  const allExamples = filesUnder(sharedDir, /(?<!_test)\.ts$/)
    .filter((path) => examplesIn(Deno.readTextFileSync(join(projectRoot, path))).length > 0);
  const examples = allExamples.filter(under(wanted.filter((word) => word !== "unit")));
  const sql = filesUnder(sqlDir, /\.sql$/).filter(fits);
  const whole = ["functions", "end-to-end", "browser", "corpus"]
    .flatMap((area) => filesUnder(`tests/${area}`, /_test\.ts$/)).filter(fits);
  const jobs: Job[] = [];
  for (const [dir, paths] of Map.groupBy(unit, room)) {
    jobs.push({ name: dir, kind: "deno", paths, needsStack: false });
  }
  if (examples.length > 0) {
    jobs.push({
      name: `examples of ${sharedDir}`,
      kind: "examples",
      paths: examples,
      // Deno loads each file that is named as a test of its own, and nothing but the examples of a directory.
      under: examples.length === allExamples.length ? sharedDir : undefined,
      needsStack: false,
    });
  }
  if (sql.length > 0) jobs.push({ name: sqlDir, kind: "sql", paths: sql, needsStack: true });
  for (const path of whole) {
    const needsStack = !path.startsWith("tests/corpus/");
    jobs.push({ name: path, kind: "deno", paths: [path], needsStack });
  }
  return jobs.toSorted((a, b) => rank(a) - rank(b));
}

/** The directory whose tests share a process: one layer of `_shared`, or one directory of the project. */
function room(path: string): string {
  const dir = unitDirs.find((one) => path.startsWith(`${one}/`)) ?? "";
  return dir === sharedDir ? path.split("/").slice(0, 4).join("/") : dir;
}

function rank(job: Job): number {
  const order = ["tests/end-to-end/kill", "tests/end-to-end/", "tests/functions/stack/kill"];
  const at = order.findIndex((start) => job.name.startsWith(start));
  return at < 0 ? order.length : at;
}

function toPaths(wanted: string): string[] {
  if (wanted === "sql") return [sqlDir];
  if (wanted === "unit") return unitDirs;
  if (wanted === "examples") return [sharedDir];
  if (exists(join(projectRoot, "tests", wanted))) return [`tests/${wanted.replace(/\/$/, "")}`];
  return [relative(projectRoot, join(Deno.cwd(), wanted)).replace(/\/$/, "")];
}

/** Paths relative to the project, in order of name. */
function filesUnder(dir: string, name: RegExp): string[] {
  if (!exists(join(projectRoot, dir))) return [];
  const found: string[] = [];
  for (const entry of Deno.readDirSync(join(projectRoot, dir))) {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory) found.push(...filesUnder(path, name));
    else if (name.test(entry.name)) found.push(path);
  }
  return found.sort();
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
