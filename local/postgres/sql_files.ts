/** The SQL that makes what a hosted database has before the first migration. */
import { join } from "node:path";
import { projectRoot } from "../paths.ts";

export const sqlDir = join(projectRoot, "local/postgres/sql");

/** The text of one of its files. */
export function sqlText(name: string): string {
  return Deno.readTextFileSync(join(sqlDir, name));
}
