import assert from "node:assert/strict";
import { TextLineStream } from "./lines.ts";

async function linesOf(chunks: string[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of ReadableStream.from(chunks).pipeThrough(new TextLineStream())) {
    lines.push(line);
  }
  return lines;
}

Deno.test("a line that comes in pieces is one line", async () => {
  assert.deepEqual(await linesOf(['{"a"', ":1}\n{", '"b":2}\n']), ['{"a":1}', '{"b":2}']);
});

Deno.test("a last line without an end is a line, an empty rest is none", async () => {
  assert.deepEqual(await linesOf(["one\ntwo"]), ["one", "two"]);
  assert.deepEqual(await linesOf(["one\n"]), ["one"]);
});
