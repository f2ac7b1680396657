import assert from "node:assert/strict";
import { Coalesced } from "./coalesce.ts";

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
