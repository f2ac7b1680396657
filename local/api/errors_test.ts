import assert from "node:assert/strict";
import { statusOf } from "./errors.ts";

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
