import assert from "node:assert/strict";
import { callSql, chooseFunction, type RpcFunction } from "./rpc_functions.ts";

const fn = (name: string, args: RpcFunction["args"]): RpcFunction => ({
  name,
  args,
  returnsSet: false,
  returnsVoid: false,
});
const arg = (name: string, required = true) => ({ name, type: "integer", required });

Deno.test("a function is chosen by its arguments; several that fit are none", () => {
  const one = fn("f", [arg("a"), arg("b", false)]);
  const two = fn("f", [arg("c")]);
  assert.equal(chooseFunction([one, two], "f", ["a"]), one);
  assert.equal(chooseFunction([one, two], "f", ["a", "b"]), one);
  assert.equal(chooseFunction([one, two], "f", ["c"]), two);
  assert.equal(chooseFunction([one, two], "f", ["b"]), null);
  assert.equal(chooseFunction([one, two], "f", ["a", "x"]), null);
  assert.equal(chooseFunction([one, fn("f", [arg("a")])], "f", ["a"]), null);
  assert.equal(chooseFunction([fn("f", [arg("")])], "f", []), null);
});

Deno.test("names in a call are quoted", () => {
  const [, after] = callSql(fn('f"; drop', [arg('a"b')]), ['a"b'], 10);
  assert.match(after, /public\."f""; drop"\("a""b" => a\."a""b"\)/);
});
