/** `deno task migration NAME`: what changed in supabase/schemas, as a migration. */
import { join } from "node:path";
import { commandLine, TASK, usageError } from "../local/command_line.ts";
import { type Migration, readMigrations } from "../local/migrations.ts";
import { projectRoot } from "../local/paths.ts";
import { connectAs } from "../local/postgres/sql.ts";
import { readSeeds } from "../local/schema/catalog.ts";
import { type Difference, difference } from "../local/schema/difference.ts";
import { readSchemas } from "../local/schema/files.ts";
import { loadSchemas } from "../local/schema/load.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/schema/temporary.ts";
import { help, type MigrationOptions, nameOf, nextVersion } from "./migration/options.ts";
import { apply, proveEqual, proveLossless } from "./migration/prove.ts";
import { repeat, repeatedText } from "./migration/repeatable.ts";
import { migrationText } from "./migration/text.ts";

const steps = 4;

function say(step: number, what: string): void {
  console.error(`[${step}/${steps}] ${what}`);
}

function readOptions(): MigrationOptions {
  const { values, positionals } = commandLine(help, {
    allowPositionals: true,
    options: {
      "allow-drop": { type: "boolean", default: false },
      renames: { type: "boolean", default: false },
    },
  });
  try {
    const name = nameOf(positionals);
    return { name, allowDrop: values["allow-drop"], renames: values.renames };
  } catch (error) {
    usageError(error instanceof Error ? error.message : String(error), help);
  }
}

/** What would be lost, and what to type. */
function refusal({ changes, renames }: Difference, name: string): string {
  const losses = changes.flatMap(({ loses }) => loses === null ? [] : [`  ${loses}`]);
  const alike = renames.map(({ from, to }) => `  ${from} → ${to}`);
  return [
    "Data would be lost, and nothing was written. It",
    ...losses,
    ...(alike.length === 0 ? [] : [
      "These are alike but for their names:",
      ...alike,
      `If they were renamed: ${TASK} migration ${name} --renames`,
    ]),
    `If it is meant: ${TASK} migration ${name} --allow-drop`,
  ].join("\n");
}

async function reservedWords(port: number): Promise<Set<string>> {
  const sql = connectAs("postgres", port);
  const rows = await sql<{ word: string }[]>`
    select word from pg_get_keywords() where catcode <> 'U'`.finally(() => sql.end());
  return new Set(rows.map(({ word }) => word));
}

/** A migration of these statements, not yet written. */
function draft(options: MigrationOptions, held: Migration[], text: string): Migration {
  const version = nextVersion(new Date(), held.map((migration) => migration.version));
  const path = join("supabase/migrations", `${version}_${options.name}.sql`);
  return { version, name: options.name, path, text };
}

async function write(
  options: MigrationOptions,
  migrated: TemporaryDatabase,
  declared: TemporaryDatabase,
  held: Migration[],
): Promise<number> {
  await loadSchemas(declared.port);
  say(2, "what differs");
  const found = await difference(migrated.port, declared.port, options.renames);
  if (found.changes.some(({ loses }) => loses !== null) && !options.allowDrop) {
    console.error(refusal(found, options.name));
    return 3;
  }
  const files = readSchemas();
  const title = options.name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());
  const reserved = await reservedWords(migrated.port);
  const added = draft(options, held, migrationText(`${title}.`, found.changes, files, reserved));
  try {
    await apply(migrated.port, [...held, added]);
    const repeated = await repeat(migrated.port, files, await readSeeds(declared.port));
    const more = repeatedText(repeated);
    if (found.changes.length === 0 && more === "") {
      console.log(
        "No difference: the migrations make what supabase/schemas says. Nothing was written.",
      );
      return 0;
    }
    added.text += more;
    say(3, "whether the migrations and it make supabase/schemas");
    await proveEqual(held, added, declared.port);
    say(4, "whether it can be applied where every table has rows, and loses none");
    await proveLossless(held, added);
  } catch (error) {
    console.error(
      `${added.text}\nThis migration was not written. Where rows must change first, write it by hand;`,
    );
    console.error(`${TASK} check --only schemas then says whether it is complete. What failed:`);
    throw error;
  }
  Deno.writeTextFileSync(join(projectRoot, added.path), added.text);
  console.log(`${added.path}\nRead it, then commit it together with supabase/schemas.`);
  return 0;
}

async function main(options: MigrationOptions): Promise<number> {
  const held = readMigrations();
  say(1, "a database from the migrations, and one from supabase/schemas");
  const declared = await startTemporaryDatabase();
  const migrated = await startTemporaryDatabase(held);
  try {
    return await write(options, migrated, declared, held);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await migrated.stop();
    await declared.stop();
  }
}

const options = readOptions();
Deno.exit(await main(options));
