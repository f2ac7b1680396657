import assert from "node:assert/strict";
import { type Dial, dialFirst } from "./dial.ts";

/** Addresses that answer, at once or when something has happened, fail or are silent; whether what was opened was closed. */
function world(answers: Record<string, "at once" | Promise<void> | "fails" | "silent">) {
  const dialed: string[] = [];
  const closed: string[] = [];
  const dial: Dial = (address) => {
    dialed.push(address);
    const answer = answers[address];
    const connection = { close: () => closed.push(address) } as unknown as Deno.TcpConn;
    if (answer === "fails") return Promise.reject(new Error(`${address} refused`));
    if (answer === "silent" || answer === undefined) return new Promise(() => {});
    return (answer === "at once" ? Promise.resolve() : answer).then(() => connection);
  };
  const first = (signal = new AbortController().signal) =>
    dialFirst(Object.keys(answers), 80, dial, signal);
  return { dialed, closed, first };
}

Deno.test("the first address is connected to, the others are not asked", async () => {
  const { first, dialed } = world({ a: "at once", b: "at once" });
  assert.equal((await first()).address, "a");
  assert.deepEqual(dialed, ["a"]);
});

Deno.test("where one address fails or is silent, the next is tried", async () => {
  const failing = world({ a: "fails", b: "at once" });
  assert.equal((await failing.first()).address, "b");
  const silent = world({ a: "silent", b: "at once" });
  assert.equal((await silent.first()).address, "b");
});

Deno.test("a connection that comes too late is closed", async () => {
  const late = Promise.withResolvers<void>();
  const { first, closed } = world({ a: late.promise, b: "at once" });
  assert.equal((await first()).address, "b");
  assert.deepEqual(closed, []);
  late.resolve();
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(closed, ["a"]);
});

Deno.test("when all fail, the last error says why; without an address there is no try", async () => {
  await assert.rejects(world({ a: "fails", b: "fails" }).first(), /b refused/);
  await assert.rejects(world({}).first(), /no address/);
});

Deno.test("an abort ends it, before and meanwhile", async () => {
  await assert.rejects(
    world({ a: "at once" }).first(AbortSignal.abort(new Error("early"))),
    /early/,
  );
  const stop = new AbortController();
  const pending = world({ a: "silent" }).first(stop.signal);
  stop.abort(new Error("meanwhile"));
  await assert.rejects(pending, /meanwhile/);
});
