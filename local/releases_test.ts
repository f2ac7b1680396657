import assert from "node:assert/strict";
import { join } from "node:path";
import { frozenProblems, isLater, sumsOf } from "./releases.ts";

/** A directory of migrations of which the first two are released as 0.1.0. */
function released(): { dir: string; write(file: string, text: string): void } {
  const dir = Deno.makeTempDirSync();
  const write = (file: string, text: string) => Deno.writeTextFileSync(join(dir, file), text);
  const files = ["20250101000000_a.sql", "20251202_b.sql"];
  for (const file of [...files, "20251203000000_c.sql"]) write(file, `select '${file}';\n`);
  write("SUMS", [...sumsOf(files, dir)].map(([file, sum]) => `${sum}  ${file}\n`).join(""));
  write("RELEASES", "# a comment\n0.1.0 20251202_b.sql\n");
  return { dir, write };
}

function test(name: string, use: (place: ReturnType<typeof released>) => void): void {
  Deno.test(name, () => {
    const place = released();
    try {
      use(place);
    } finally {
      Deno.removeSync(place.dir, { recursive: true });
    }
  });
}

test("what is not released may be edited, added and removed", ({ dir, write }) => {
  assert.deepEqual(frozenProblems(dir), []);
  write("20251203000000_c.sql", "select 1;\n");
  write("20251204000000_d.sql", "select 1;\n");
  assert.deepEqual(frozenProblems(dir), []);
  Deno.removeSync(join(dir, "20251203000000_c.sql"));
  assert.deepEqual(frozenProblems(dir), []);
});

test("an edit of a released migration is told by its name, with what to do", ({ dir, write }) => {
  write("20251202_b.sql", "select 2;\n");
  const [problem, ...more] = frozenProblems(dir);
  assert.deepEqual(more, []);
  assert.equal(problem?.file, "20251202_b.sql");
  const message = problem?.message ?? "";
  assert.match(message, /released with 0\.1\.0 and has been edited/);
  assert.match(message, /git checkout v0\.1\.0 -- supabase\/migrations\/20251202_b\.sql/);
});

test("a released migration that is gone, or renamed, is told by its name", ({ dir }) => {
  Deno.renameSync(join(dir, "20250101000000_a.sql"), join(dir, "20250101000000_other.sql"));
  const problems = frozenProblems(dir);
  assert.deepEqual(problems.map(({ file }) => file), [
    "20250101000000_a.sql",
    "20250101000000_other.sql",
  ]);
  assert.match(problems[0]?.message ?? "", /is gone, or has another name/);
});

test("a new migration between released ones is told by its name", ({ dir, write }) => {
  write("20250601000000_late.sql", "select 1;\n");
  const [problem] = frozenProblems(dir);
  assert.equal(problem?.file, "20250601000000_late.sql");
  assert.match(problem?.message ?? "", /stands before 20251202_b\.sql of release 0\.1\.0/);
});

test("releases out of their order are told", ({ dir, write }) => {
  write("RELEASES", "0.1.0 20251202_b.sql\n0.0.9 20251202_b.sql\n");
  assert.match(frozenProblems(dir)[0]?.message ?? "", /0\.0\.9 stands after 0\.1\.0/);
});

test("a sum that nobody released is told", ({ dir, write }) => {
  write("RELEASES", "");
  assert.match(frozenProblems(dir)[0]?.message ?? "", /RELEASES no release/);
});

Deno.test("before the first release nothing is frozen", () => {
  const dir = Deno.makeTempDirSync();
  try {
    assert.deepEqual(frozenProblems(dir), []);
  } finally {
    Deno.removeSync(dir);
  }
});

Deno.test("0.10.0 is later than 0.9.0, and not than itself", () => {
  assert.equal(isLater("0.10.0", "0.9.0"), true);
  assert.equal(isLater("0.9.0", "0.10.0"), false);
  assert.equal(isLater("0.10.0", "0.10.0"), false);
});
