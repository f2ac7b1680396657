import assert from "node:assert/strict";
import { replacedWords } from "./words.ts";

const found = (path: string, text: string) =>
  replacedWords(path, text).map(({ line, message }) => `${line} ${message.split(":")[0]}`);

Deno.test("a replaced word is found in prose and in names of every spelling", () => {
  const text = "-- rows in hand\nselect is_in_hand();\n";
  assert.deepEqual(found("supabase/migrations/1_a.sql", text), ['1 "in hand"', '2 "in_hand"']);
  assert.deepEqual(found("local/a.ts", "const IN_HAND_MS = 1;\nlet inHand = 2;\n"), [
    '1 "IN_HAND"',
    '2 "inHand"',
  ]);
});

Deno.test("a word that only contains another one is none", () => {
  assert.deepEqual(found("docs/a.md", "during, string, awakes, mannered; step in step 2"), []);
});

Deno.test("what is said of cars may be said where listings are read", () => {
  const text = "// piston rings, a workshop manual\n";
  assert.deepEqual(found("supabase/functions/_shared/sources/x/adapter.ts", text), []);
  assert.deepEqual(found("local/a.ts", text), ['1 "rings"', '1 "workshop"']);
});

Deno.test("where only names count, comments and strings do not", () => {
  const text = '// such things\nconst things = "things";\n';
  assert.deepEqual(found("local/a.ts", text), ['2 "things"']);
});

Deno.test("a message says what to say instead", () => {
  assert.match(replacedWords("README.md", "a doorbell")[0]?.message ?? "", /invoke_worker/);
});
