/** Running pgTAP files, each in a transaction that is rolled back, against a database of their own. */
import { basename, dirname, join } from "node:path";
import postgres from "postgres";
import { projectRoot } from "../../local/paths.ts";
import { splitStatements } from "../../local/postgres/statements.ts";
import { startStack } from "../../local/stack.ts";
import type { Outcome } from "./outcome.ts";
import { readTap } from "./tap.ts";

const themes = ["permissions", "comments", "cron"];

export async function runPgTap(name: string, paths: string[]): Promise<Outcome> {
  const started = performance.now();
  const outcome: Outcome = { name, passed: 0, failed: 0, skipped: [], output: "", ms: 0 };
  const stack = await startStack({ quiet: true, cron: false });
  const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`create extension if not exists pgtap with schema extensions`;
    const known = await namesOf(sql);
    for (const path of paths) {
      const tested = basename(dirname(path));
      const lost = known.has(tested) ? [] : [lostLine(path, tested)];
      add(outcome, path, [...lost, ...await runFile(sql, path)]);
    }
  } finally {
    await sql.end({ timeout: 1 });
    await stack.stop();
  }
  outcome.ms = performance.now() - started;
  return outcome;
}

/** What a folder of tests may be named after: a function, table or view, or one of the themes that are of all. */
async function namesOf(sql: postgres.Sql): Promise<Set<string>> {
  const rows = await sql<{ name: string }[]>`
    select proname as name from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace)
    union select relname from pg_class where relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  `;
  return new Set([...rows.map((row) => row.name), ...themes]);
}

function lostLine(path: string, tested: string): string {
  return `not ok - ${path}: there is no function, table or view "${tested}": the folder is named after what it tests`;
}

/** The TAP that a file prints; an SQL error becomes a failed line with the file's line. */
async function runFile(sql: postgres.Sql, path: string): Promise<string[]> {
  const lines: string[] = [];
  const statements = splitStatements(await Deno.readTextFile(join(projectRoot, path)));
  await sql`begin`;
  try {
    for (const statement of statements) {
      try {
        const rows = await sql.unsafe(statement.text).values();
        for (const row of rows.flat(2)) if (typeof row === "string") lines.push(...row.split("\n"));
      } catch (error) {
        lines.push(
          `not ok - ${path}:${statement.line}: ${error instanceof Error ? error.message : error}`,
        );
        break;
      }
    }
  } finally {
    await sql`rollback`;
    await sql.unsafe("reset all; reset role;");
  }
  return lines;
}

function add(outcome: Outcome, path: string, lines: string[]): void {
  const tap = readTap(lines);
  outcome.passed += tap.passed;
  outcome.failed += tap.failed.length;
  outcome.skipped.push(...tap.skipped.map((test) => `${path}: ${test}`));
  if (tap.failed.length > 0) outcome.output += `${path}\n${tap.failed.join("\n")}\n`;
}
