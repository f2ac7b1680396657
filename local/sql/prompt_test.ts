import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { prompt } from "./prompt.ts";

/** What is run when these lines are typed. */
async function typed(...lines: string[]): Promise<string[]> {
  const input = new PassThrough();
  const ran: string[] = [];
  input.end(lines.map((line) => `${line}\n`).join(""));
  await prompt({
    input,
    output: new PassThrough(),
    terminal: false,
    cancel() {},
    run(text) {
      ran.push(text);
      return Promise.resolve(text === "\\q" ? "quit" : "go on");
    },
  });
  return ran;
}

Deno.test("a statement is run when its semicolon is typed, over as many lines as it takes", async () => {
  assert.deepEqual(await typed("select 1;", "", "select 'a;", "b'", "  as x;"), [
    "select 1;",
    "select 'a;\nb'\n  as x;",
  ]);
});

Deno.test("what begins with a backslash is run at once, but not within a statement", async () => {
  assert.deepEqual(await typed("\\d vehicles", "select 1", "\\d", ";"), [
    "\\d vehicles",
    "select 1\n\\d\n;",
  ]);
});

Deno.test("the input's end runs what stands there; \\q leaves the rest", async () => {
  assert.deepEqual(await typed("select 1"), ["select 1"]);
  assert.deepEqual(await typed("\\q", "select 1;"), ["\\q"]);
});
