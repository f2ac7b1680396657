/** What was released: `supabase/migrations/RELEASES` and `SUMS`. Those migrations are never edited. */
import { TASK } from "./command_line.ts";
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { migrationsDir, readMigrations } from "./migrations.ts";

interface Release {
  /** `0.1.0`. */
  version: string;
  /** The file of its last migration. */
  last: string;
}

interface Problem {
  /** The file's name in `supabase/migrations`. */
  file: string;
  message: string;
}

/** The releases, oldest first; none before the first. @throws when a line cannot be read. */
export function readReleases(dir = migrationsDir): Release[] {
  return lines(join(dir, "RELEASES")).map((line) => {
    const match = /^(\d+\.\d+\.\d+) (\d+_\S+\.sql)$/.exec(line);
    if (match === null) {
      throw new Error(`RELEASES has a line that is no version and migration: ${line}`);
    }
    return { version: match[1] ?? "", last: match[2] ?? "" };
  });
}

/** Each released file's SHA-256, hexadecimal, as `sha256sum` writes and checks it. */
export function readSums(dir = migrationsDir): Map<string, string> {
  return new Map(
    lines(join(dir, "SUMS")).map((line) => {
      const match = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line);
      if (match === null) throw new Error(`SUMS has a line that sha256sum did not write: ${line}`);
      return [match[2] ?? "", match[1] ?? ""];
    }),
  );
}

/** `supabase/migrations` as it is now, for SUMS. */
export function sumsOf(files: string[], dir = migrationsDir): Map<string, string> {
  return new Map(files.map((file) => [
    file,
    createHash("sha256").update(Deno.readFileSync(join(dir, file))).digest("hex"),
  ]));
}

/** Where what was released is no longer what it was, and what to do. */
export function frozenProblems(dir = migrationsDir): Problem[] {
  const releases = readReleases(dir);
  const sums = readSums(dir);
  const newest = releases.at(-1);
  if (newest === undefined) {
    return sums.size === 0 ? [] : [{ file: "SUMS", message: "has sums, but RELEASES no release" }];
  }
  const back = (file: string, version: string) =>
    `put it back (git checkout v${version} -- supabase/migrations/${file})`;
  const problems: Problem[] = [];
  const files = readMigrations(dir).map(({ path }) => basename(path));
  const now = sumsOf(files, dir);
  for (const [file, sum] of sums) {
    const version = releases.find(({ last }) => versionOf(file) <= versionOf(last))?.version;
    if (version === undefined) {
      problems.push({ file: "SUMS", message: `names ${file}, which is in no release` });
    } else if (!now.has(file)) {
      const message = `was released with ${version} and is gone, or has another name: `;
      problems.push({ file, message: message + back(file, version) });
    } else if (now.get(file) !== sum) {
      const message = `was released with ${version} and has been edited since: `;
      const then = `, and write the change as a new one: ${TASK} migration NAME`;
      problems.push({ file, message: message + back(file, version) + then });
    }
  }
  for (const file of files.filter((one) => versionOf(one) <= versionOf(newest.last))) {
    if (sums.has(file)) continue;
    const message = `is new, but stands before ${newest.last} of release ${newest.version}: ` +
      "a database that has the release would get it out of order. Give it a later time";
    problems.push({ file, message });
  }
  releases.forEach(({ version, last }, at) => {
    const before = releases[at - 1];
    if (!sums.has(last)) {
      problems.push({ file: "RELEASES", message: `${version}: no sum of ${last}` });
    }
    if (before === undefined) return;
    if (!isLater(version, before.version) || versionOf(last) < versionOf(before.last)) {
      problems.push({ file: "RELEASES", message: `${version} stands after ${before.version}` });
    }
  });
  return problems;
}

/** Whether one version comes after another: 0.10.0 after 0.9.0. */
export function isLater(version: string, other: string): boolean {
  const [mine, theirs] = [version, other].map((one) => one.split(".").map(Number));
  const at = mine?.findIndex((part, index) => part !== theirs?.[index]) ?? -1;
  return at >= 0 && (mine?.[at] ?? 0) > (theirs?.[at] ?? 0);
}

function versionOf(file: string): string {
  return file.split("_")[0] ?? "";
}

/** Lines that are neither empty nor a comment; none when there is no such file. */
function lines(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").map((line) => line.trimEnd())
      .filter((line) => line !== "" && !line.startsWith("#"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
