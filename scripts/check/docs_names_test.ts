/** What the documents name exists: functions, cron jobs, tables, views, columns, steps. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";

const read = (path: string) => Deno.readTextFileSync(join(projectRoot, path));

function filesUnder(dir: string, name: RegExp): string[] {
  return [...Deno.readDirSync(join(projectRoot, dir))].flatMap((entry) => {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory) return filesUnder(path, name);
    return name.test(entry.name) ? [path] : [];
  });
}

const functions = new Set(
  [...Deno.readDirSync(join(projectRoot, "supabase/functions"))]
    .filter((entry) => entry.isDirectory && !entry.name.startsWith("_"))
    .map((entry) => entry.name),
);
const migrations = filesUnder("supabase/migrations", /\.sql$/).map(read).join("\n");
const code = [
  migrations,
  ...["supabase/functions", "scripts", "local"].flatMap((dir) =>
    filesUnder(dir, /\.(?:ts|js)$/).filter((path) => !path.endsWith("database.types.ts")).map(read)
  ),
].join("\n");
const jobs = new Set(
  [...migrations.matchAll(/cron\.schedule\(\s*'([^']+)'/g)].map((match) => match[1] ?? ""),
);
const documents = ["README.md", ...filesUnder("docs", /\.md$/)]
  .map((path) => ({ path, text: read(path) }));

/** Each match of a pattern's first group, with the document it stands in. */
function named(pattern: RegExp): { name: string; path: string }[] {
  return documents.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ name: match[1] ?? "", path }))
  );
}

Deno.test("a function that a document calls is there", () => {
  const called = named(/(?:functions\/v1\/|scripts\/invoke\.js |functions deploy )([a-z][a-z-]+)/g);
  assert.ok(called.length > 5, "the documents call functions");
  for (const { name, path } of called) assert.ok(functions.has(name), `${path}: ${name}`);
});

Deno.test("a word of a document that looks like a function is one, or a cron job", () => {
  const words = named(/`([a-z]+(?:-[a-z]+)+)`/g);
  assert.ok(words.length > 10, "the documents name functions");
  for (const { name, path } of words) {
    assert.ok(functions.has(name) || jobs.has(name), `${path}: ${name}`);
  }
});

Deno.test("each function stands in a document", () => {
  const text = documents.map((document) => document.text).join("\n");
  for (const name of functions) assert.match(text, new RegExp(`\\b${name}\\b`), name);
});

Deno.test("a table, view, column, outcome or step of a document stands in the code", () => {
  const words = named(/`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?:\([a-z]*\))?`/g);
  assert.ok(words.length > 50, "the documents name tables");
  for (const { name, path } of words) {
    assert.match(code, new RegExp(`\\b${name}\\b`), `${path}: ${name}`);
  }
});
