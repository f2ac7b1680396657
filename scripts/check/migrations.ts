/** The migrations, as the Supabase CLI applies them and as the local stack does. */
import { basename } from "node:path";
import { readMigrations } from "../../local/migrations.ts";
import { type CatalogRow, compareCatalogs, readCatalog } from "../../local/schema/catalog.ts";
import { migratedDatabase, pushedDatabase } from "./databases.ts";
import { lastLines } from "./run.ts";
import { error, type Finding, type Step } from "./step.ts";

/** Where two catalogues differ, one finding an object. */
export function differences(ours: CatalogRow[], theirs: CatalogRow[]): Finding[] {
  const messages = {
    first: "is missing after supabase db push",
    second: "is made by supabase db push only",
    both: "differs after supabase db push",
  };
  return compareCatalogs(ours, theirs).map((one) => error(messages[one.in], one.object));
}

/**
 * Whether the CLI applied the files in the order that the local stack has: by version as text, so that 20251202
 * stands before 20251203000000. Gives what is wrong, or null.
 */
export function wrongOrder(said: string, wanted: string[]): string | null {
  const applied = [...said.matchAll(/Applying migration (\S+\.sql)/g)].map((match) => match[1]);
  if (applied.join() === wanted.join()) return null;
  return `the CLI applies ${applied.join(", ")}; the local stack ${wanted.join(", ")}`;
}

export const migrations: Step = {
  name: "migrations",
  description: "supabase db push makes the same database as the local stack",
  async run(context) {
    const pushed = await pushedDatabase(context);
    if (pushed.push.code !== 0) return { findings: [error(lastLines(pushed.push))] };
    const ours = await readCatalog((await migratedDatabase(context)).port);
    const theirs = await readCatalog(pushed.port);
    const files = readMigrations().map((migration) => basename(migration.path));
    const order = wrongOrder(pushed.push.stdout + pushed.push.stderr, files);
    return {
      findings: [...(order === null ? [] : [error(order)]), ...differences(ours, theirs)],
      note: `${files.length} files, ${ours.length} objects`,
    };
  },
};

export const comments: Step = {
  name: "comments",
  description: "every table and view says what it is",
  async run(context) {
    const rows = await readCatalog((await migratedDatabase(context)).port);
    const bare = rows.filter((row) => row.kind === "uncommented");
    return {
      findings: bare.map(({ name, definition }) => error(`${definition} without a comment`, name)),
      note: `${rows.filter((row) => row.kind === "relation").length} relations`,
    };
  },
};
