import { strict as assert } from "node:assert";
import { speaker } from "./voice.ts";

Deno.test("on a terminal progress stays on one line, in a log it comes rarely", () => {
  const written: string[] = [];
  const terminal = speaker(true, (text) => written.push(text));
  terminal.progress("a");
  terminal.progress("b");
  terminal.say("end");
  assert.equal(written.join(""), "\r\x1b[Ka\r\x1b[Kb\r\x1b[Kend\n");
  const lines: string[] = [];
  const log = speaker(false, (text) => lines.push(text));
  log.progress("a");
  log.progress("b");
  assert.deepEqual(lines, ["a\n"]);
});
