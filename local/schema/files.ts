/** The truth of the schema: the files of `supabase/schemas`. */
import { join, relative } from "node:path";
import { projectRoot } from "../paths.ts";

const schemasDir = join(projectRoot, "supabase/schemas");

export interface SchemaFile {
  /** Relative to `supabase/schemas`: `images/claims.sql`. */
  name: string;
  text: string;
}

/** All files, by name. */
export function readSchemas(dir = schemasDir): SchemaFile[] {
  const files: SchemaFile[] = [];
  const walk = (under: string) => {
    for (const entry of Deno.readDirSync(under)) {
      const path = join(under, entry.name);
      if (entry.isDirectory) walk(path);
      else if (entry.name.endsWith(".sql")) {
        files.push({ name: relative(dir, path), text: Deno.readTextFileSync(path) });
      }
    }
  };
  walk(dir);
  return files.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What the others stand on, and are created under the default privileges of: loaded first, by name. */
export function isFoundation(file: SchemaFile): boolean {
  return file.name.startsWith("foundation/");
}

/**
 * Rows and cron jobs: what no comparison of two schemas sees. Such a file is idempotent, and a migration takes it
 * whole when running it changes something.
 */
export function isRepeatable(file: SchemaFile): boolean {
  return /(^|\/)(seed|cron)\.sql$/.test(file.name);
}
