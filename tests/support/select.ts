/** Which tests to run, and how they are grouped. */
import { join, relative } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import type { Job } from "./outcome.ts";

const sqlDir = "supabase/tests";

/**
 * The jobs for some areas, directories or files, relative to the project or to the current directory; all when none
 * is named. Unit tests of one directory run in one process, every other file in its own, pgTAP files together.
 * What waits longest comes first.
 */
export function selectTests(wanted: string[]): Job[] {
  const prefixes = wanted.map(toPath);
  const fits = (path: string) =>
    prefixes.length === 0 ||
    prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  const tests = filesUnder("tests", /_test\.ts$/).filter(fits);
  const sql = filesUnder(sqlDir, /\.sql$/).filter(fits);
  const jobs: Job[] = [];
  const unit = tests.filter((path) => path.startsWith("tests/unit/"));
  for (const [dir, paths] of Map.groupBy(unit, (path) => path.split("/").slice(0, 3).join("/"))) {
    jobs.push({ name: dir, kind: "deno", paths, needsStack: false });
  }
  if (sql.length > 0) jobs.push({ name: sqlDir, kind: "sql", paths: sql, needsStack: true });
  for (const path of tests) {
    if (path.startsWith("tests/unit/")) continue;
    jobs.push({
      name: path,
      kind: "deno",
      paths: [path],
      needsStack: !path.startsWith("tests/corpus/"),
    });
  }
  return jobs.toSorted((a, b) => rank(a) - rank(b));
}

function rank(job: Job): number {
  const order = ["tests/end-to-end/kill", "tests/end-to-end/", "tests/functions/stack/kill"];
  const at = order.findIndex((start) => job.name.startsWith(start));
  return at < 0 ? order.length : at;
}

function toPath(wanted: string): string {
  if (wanted === "sql") return sqlDir;
  if (exists(join(projectRoot, "tests", wanted))) return `tests/${wanted.replace(/\/$/, "")}`;
  return relative(projectRoot, join(Deno.cwd(), wanted)).replace(/\/$/, "");
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
