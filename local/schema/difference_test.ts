import assert from "node:assert/strict";
import { isWider } from "./difference.ts";

Deno.test("a type is wider when it holds every value of the other", () => {
  for (
    const [from, to] of [
      ["integer", "bigint"],
      ["smallint", "numeric"],
      ["character varying(20)", "text"],
      ["character varying(20)", "character varying(30)"],
      ["character varying(20)", "character varying"],
      ["numeric(14,2)", "numeric(15,3)"],
      ["numeric(14,2)", "numeric"],
      ["real", "double precision"],
    ] as const
  ) assert.equal(isWider(from, to), true, `${from} → ${to}`);
});

Deno.test("a type is narrower when a value may not fit, or is rounded", () => {
  for (
    const [from, to] of [
      ["bigint", "integer"],
      ["text", "character varying(20)"],
      ["character varying", "character varying(20)"],
      ["numeric(14,2)", "numeric(14,3)"],
      ["numeric(14,2)", "numeric(14,1)"],
      ["numeric", "numeric(14,2)"],
      ["text", "integer"],
      ["timestamp with time zone", "date"],
    ] as const
  ) assert.equal(isWider(from, to), false, `${from} → ${to}`);
});
