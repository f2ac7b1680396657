import assert from "node:assert/strict";
import { KINDS, orderOfKills } from "./chaos_kills.ts";

const MIX = { backend: 890, functions: 95, postgres: 15 };

Deno.test("a seed gives one order of kills, with as many of each kind as were asked for", () => {
  const order = orderOfKills(MIX, "a");
  assert.deepEqual(orderOfKills(MIX, "a"), order);
  assert.notDeepEqual(orderOfKills(MIX, "b"), order);
  for (const kind of KINDS) {
    assert.equal(order.filter((it) => it === kind).length, MIX[kind], kind);
  }
});

Deno.test("each kind is spread over the whole run", () => {
  const order = orderOfKills(MIX, "a");
  const fifths = Array.from({ length: 5 }, (_, i) => order.slice(i * 200, (i + 1) * 200));
  for (const fifth of fifths) for (const kind of KINDS) assert.ok(fifth.includes(kind), kind);
});
