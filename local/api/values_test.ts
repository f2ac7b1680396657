import assert from "node:assert/strict";
import { statusOf } from "./errors.ts";
import { callSql, chooseFunction, type RpcFunction } from "./rpc_functions.ts";
import { literal } from "./session.ts";
import { isoTime, jsonNumber } from "./types.ts";
import { allowsType } from "./upload.ts";

Deno.test("times of Postgres become ISO times, with the offset written out", () => {
  assert.equal(isoTime("2026-11-22 04:41:00.5+00"), "2026-11-22T04:41:00.5+00:00");
  assert.equal(isoTime("2026-11-22 04:41:00+05:30"), "2026-11-22T04:41:00+05:30");
  assert.equal(isoTime("2026-11-22 04:41:00"), "2026-11-22T04:41:00");
  assert.equal(isoTime("infinity"), "infinity");
});

Deno.test("a numeric is a number, except for what JSON cannot say", () => {
  assert.equal(jsonNumber("12.50"), 12.5);
  assert.equal(jsonNumber("NaN"), "NaN");
  assert.equal(jsonNumber("Infinity"), "Infinity");
});

Deno.test("SQLSTATEs answer with PostgREST's status", () => {
  const expected: [string, number][] = [
    ["P0001", 400],
    ["23514", 400],
    ["22P02", 400],
    ["23505", 409],
    ["42883", 404],
    ["PT418", 418],
    ["57014", 500],
    ["53300", 503],
    ["XX000", 500],
  ];
  for (const [code, status] of expected) assert.equal(statusOf(code, false), status, code);
  assert.equal(statusOf("42501", true), 401);
  assert.equal(statusOf("42501", false), 403);
});

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

Deno.test("a quoted text cannot be left, and holds no zero byte", () => {
  assert.equal(literal("it's '; drop"), "'it''s ''; drop'");
  assert.equal(literal(String.raw`\'`), String.raw`'\'''`);
  assert.throws(() => literal("a\0b"));
});

Deno.test("a bucket's list of types knows wildcards", () => {
  assert.equal(allowsType(null, "x/y"), true);
  assert.equal(allowsType(["image/*"], "image/png"), true);
  assert.equal(allowsType(["image/*"], "imagery/png"), false);
  assert.equal(allowsType(["text/plain"], "text/plain; charset=utf-8"), true);
});
