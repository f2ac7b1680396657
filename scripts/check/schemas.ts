/** `supabase/schemas` is the truth, and the migrations make it. */
import { TASK } from "../../local/command_line.ts";
import { compareCatalogs, readCatalog, withoutPositions } from "../../local/schema/catalog.ts";
import { difference } from "../../local/schema/difference.ts";
import { readSchemas } from "../../local/schema/files.ts";
import { migratedDatabase, schemasDatabase } from "./databases.ts";
import { error, type Step } from "./step.ts";

const remedy = `write the difference with: ${TASK} migration NAME`;

export const schemas: Step = {
  name: "schemas",
  description: "the migrations make what supabase/schemas says, rows and cron jobs too",
  async run(context) {
    const migrated = await migratedDatabase(context);
    const declared = await schemasDatabase(context);
    const made = withoutPositions(await readCatalog(migrated.port));
    const wanted = withoutPositions(await readCatalog(declared.port));
    const messages = {
      first: `is made by the migrations, and not in supabase/schemas: ${remedy}`,
      second: `is in supabase/schemas, and no migration makes it: ${remedy}`,
      both: `is another one in supabase/schemas: ${remedy}`,
    };
    const unequal = compareCatalogs(made, wanted).map((one) => error(messages[one.in], one.object));
    // What the catalogue does not hold, pg-delta may see.
    const { changes } = await difference(migrated.port, declared.port);
    return {
      findings: unequal.length > 0
        ? unequal
        : changes.map(({ sql }) => error(`pg-delta would still run: ${sql}`)),
      note: `${readSchemas().length} files, ${wanted.length} objects`,
    };
  },
};
