import assert from "node:assert/strict";
import { Coalesced, Lookahead } from "./coalesce.ts";

Deno.test("what is asked for together is asked in one call, each gets its own answer", async () => {
  const calls: number[][] = [];
  const batch = new Coalesced((keys: number[]) => {
    calls.push(keys);
    return Promise.resolve(keys.map((key) => key * 10));
  });
  assert.deepEqual(await Promise.all([1, 2, 3].map((key) => batch.load(key))), [10, 20, 30]);
  assert.equal(await batch.load(4), 40);
  assert.deepEqual(calls, [[1, 2, 3], [4]]);
});

Deno.test("a call that fails, or answers too little, fails for everyone who waits, and only for them", async () => {
  let answers: (() => Promise<number[]>)[] = [
    () => Promise.reject(new Error("away")),
    () => Promise.resolve([1]),
    () => Promise.resolve([1, 2]),
  ];
  const batch = new Coalesced(() => {
    const [next, ...rest] = answers;
    answers = rest;
    return next === undefined ? Promise.resolve([]) : next();
  });
  const two = () => Promise.allSettled([batch.load(1), batch.load(2)]);
  assert.deepEqual((await two()).map((one) => one.status), ["rejected", "rejected"]);
  assert.deepEqual((await two()).map((one) => one.status), ["rejected", "rejected"]);
  assert.deepEqual((await two()).map((one) => one.status), ["fulfilled", "fulfilled"]);
});

Deno.test("so many at once at most, and the call that holds the last of them waits no longer", async () => {
  const calls: number[][] = [];
  const batch = new Coalesced((keys: number[]) => {
    calls.push(keys);
    return Promise.resolve(keys);
  }, { waitMs: 60_000, most: 2, expected: 4 });
  const first = [1, 2, 3].map((key) => batch.load(key));
  assert.deepEqual(await Promise.all(first.slice(0, 2)), [1, 2]);
  batch.skip();
  assert.equal(await first[2], 3);
  assert.deepEqual(calls, [[1, 2], [3]]);
});

/** A lookahead over one coalesced call, and the batches that it was asked for. */
function lookahead() {
  const batches: string[][] = [];
  const one = new Coalesced<string, string>((keys) => {
    batches.push(keys);
    if (keys.includes("bad")) return Promise.reject(new Error("away"));
    return Promise.resolve(keys.map((key) => `${key} of batch ${batches.length}`));
  });
  return { ahead: new Lookahead((key) => one.load(key)), batches };
}

Deno.test("the first of those expected brings all of them, each once", async () => {
  const { ahead, batches } = lookahead();
  ahead.expect(["a", "b", "c"]);
  assert.equal(batches.length, 0, "nothing is asked for before one is wanted");
  assert.equal(await ahead.load("b"), "b of batch 1");
  assert.deepEqual(batches, [["b", "a", "c"]]);
  assert.equal(await ahead.load("a"), "a of batch 1");
  assert.equal(await ahead.load("a"), "a of batch 2", "who asks again gets what is new");
  assert.equal(await ahead.load("d"), "d of batch 3", "what nobody expected is asked for alone");
});

Deno.test("what failed ahead fails who wants it, and nobody else", async () => {
  const { ahead } = lookahead();
  ahead.expect(["bad"]);
  await assert.rejects(ahead.load("a"), /away/);
  await assert.rejects(ahead.load("bad"), /away/);
  assert.equal(await ahead.load("a"), "a of batch 2");
});
