/** `deno task migration` and what is frozen, in a copy of the project. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readMigrations } from "../../local/migrations.ts";
import { sumsOf } from "../../local/releases.ts";
import { copyProject } from "../support/project_copy.ts";

Deno.test("deno task migration", async (t) => {
  const project = copyProject();
  const before = project.migrations();
  const refused = async (code: number, ...args: string[]) => {
    const ran = await project.task("migration", ...args);
    assert.equal(ran.code, code, ran.stdout + ran.stderr);
    assert.deepEqual(project.migrations(), before);
    return ran;
  };
  try {
    await t.step("without a name it says so and writes nothing", async () => {
      assert.match((await refused(2)).stderr, /^A migration needs a name/);
    });

    await t.step("where nothing differs it says so and writes nothing", async () => {
      assert.match((await refused(0, "nothing")).stdout, /^No difference/);
    });

    await t.step("what would lose data is named, and not written", async () => {
      project.edit(/^ {2}lot_number text.*,\n/m, "  lot text,\n");
      project.edit(/^ {2}width integer not null/m, "  width smallint not null");
      const { stderr } = await refused(3, "drop_columns");
      assert.match(stderr, /drops column public\.auction_events\.lot_number/);
      assert.match(
        stderr,
        /makes column public\.vehicle_images\.width smallint instead of integer/,
      );
      assert.match(stderr, /lot_number → column public\.auction_events\.lot\n.*--renames/);
      assert.match(stderr, /migration drop_columns --allow-drop/);
      project.edit("  width smallint not null", "  width integer not null");
    });

    await t.step(
      "what cannot be applied where there are rows is shown, and not written",
      async () => {
        project.edit("  lot text,\n", "  lot_number text,\n  lot text not null,\n");
        const { stderr } = await refused(1, "add_lot");
        assert.match(stderr, /add column lot text not null/);
        assert.match(stderr, /_add_lot\.sql:\d+: column "lot" .* contains null values/);
        project.edit("  lot_number text,\n  lot text not null,\n", "  lot text,\n");
      },
    );

    await t.step("a rename that is meant keeps the data", async () => {
      const ran = await project.task("migration", "rename_lot", "--renames");
      assert.equal(ran.code, 0, ran.stderr);
      const [added = ""] = project.migrations().filter((name) => !before.includes(name));
      const text = Deno.readTextFileSync(join(project.migrationsDir, added));
      assert.match(text, /alter table public\.auction_events\s+rename column lot_number to lot;/);
      Deno.removeSync(join(project.migrationsDir, added));
    });

    await t.step("an edited migration of a release is refused by name", async () => {
      const last = readMigrations(project.migrationsDir).at(-1);
      const files = before.filter((name) => name.endsWith(".sql"));
      const sums = [...sumsOf(files, project.migrationsDir)].map(([file, sum]) =>
        `${sum}  ${file}\n`
      );
      Deno.writeTextFileSync(join(project.migrationsDir, "SUMS"), sums.join(""));
      Deno.writeTextFileSync(
        join(project.migrationsDir, "RELEASES"),
        `0.1.0 ${last?.version}_${last?.name}.sql\n`,
      );
      const edited = files.find((name) => name.includes("micro_scrape_cron")) ?? "";
      Deno.writeTextFileSync(join(project.migrationsDir, edited), "-- edited\n", { append: true });
      const { code, stderr } = await project.task("check", "--only", "releases");
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`${edited}: was released with 0\\.1\\.0 and has been edited`),
      );
      assert.match(stderr, /npx -y deno@\S+ task migration NAME/);
    });
  } finally {
    project.remove();
  }
});
