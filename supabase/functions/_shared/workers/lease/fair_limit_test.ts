import assert from "node:assert/strict";
import { FairLimit } from "./fair_limit.ts";

/** Rows of hosts, worked on in this order: what was begun, and a way to end the work of a row. */
function begin(atOnce: number, hosts: string[]) {
  const limit = new FairLimit(atOnce, hosts);
  const begun: string[] = [];
  const ends = hosts.map(() => Promise.withResolvers<void>());
  const all = Promise.allSettled(
    hosts.map((host, n) =>
      limit.run(host, () => {
        begun.push(`${host} ${n}`);
        return ends[n]?.promise ?? Promise.resolve();
      })
    ),
  );
  return { begun, ends, all };
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

Deno.test("rows of a host that lets nobody in leave places to the rows behind them", async () => {
  const hosts = [...Array(34).fill("slow"), ...Array(67).fill("fast")];
  const { begun, ends, all } = begin(8, hosts);
  hosts.forEach((host, n) => host === "fast" && ends[n]?.resolve());
  await settle();
  assert.equal(begun.filter((row) => row.startsWith("fast")).length, 67);
  // Now that it is alone, the slow one has all places.
  assert.equal(begun.filter((row) => row.startsWith("slow")).length, 8);
  for (const end of ends) end.resolve();
  await all;
  assert.equal(begun.length, 101);
});

Deno.test("one host alone has all places, nine hosts one each as places come free", async () => {
  const alone = begin(8, Array(20).fill("one"));
  const many = begin(8, Array.from({ length: 27 }, (_, n) => `host ${n % 9}`));
  await settle();
  assert.equal(alone.begun.length, 8);
  assert.deepEqual(
    many.begun.map((row) => row.split(" ")[1]),
    ["0", "1", "2", "3", "4", "5", "6", "7"],
  );
  many.ends[0]?.resolve();
  await settle();
  assert.equal(many.begun[8], "host 8 8");
  for (const { ends, all } of [alone, many]) {
    for (const end of ends) end.resolve();
    await all;
  }
  assert.equal(many.begun.length, 27);
});

Deno.test("work that breaks frees its place and its host's", async () => {
  const { begun, ends, all } = begin(2, ["a", "a", "b", "b"]);
  for (const end of ends) end.reject(new Error("broke"));
  assert.ok((await all).every(({ status }) => status === "rejected"));
  assert.equal(begun.length, 4);
});
