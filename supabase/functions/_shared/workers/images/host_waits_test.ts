import assert from "node:assert/strict";
import { HostWaits } from "./host_waits.ts";

const at = (ms: number) => new Date(ms).toISOString();

Deno.test("a host that said when to come back is passed over until then, and no other", () => {
  let now = 1_000_000;
  const waits = new HostWaits(() => now);
  waits.wait("https://i.example/1.jpg", { error: "busy", retry_at: at(now + 10_000) });
  assert.deepEqual(waits.until("https://I.example/2.jpg"), {
    error: "busy",
    retry_at: at(1_010_000),
  });
  assert.equal(waits.until("https://other.example/2.jpg"), null);
  assert.deepEqual(waits.waiting(), ["i.example"]);
  now += 10_000;
  assert.equal(waits.until("https://i.example/2.jpg"), null);
  assert.deepEqual(waits.waiting(), []);
});

Deno.test("a time that is past already still passes the host over for a moment", () => {
  const waits = new HostWaits(() => 1_000_000);
  waits.wait("https://i.example/1.jpg", { error: "busy", retry_at: at(0) });
  assert.deepEqual(waits.waiting(), ["i.example"]);
});

Deno.test("a host is waited for only when it is ready soon, and before the deadline", async () => {
  const start = Date.now();
  const soon = new HostWaits(Date.now);
  assert.equal(await soon.waitForOne(start + 60_000), false, "nobody to wait for");
  soon.wait("https://i.example/1.jpg", { error: "busy", retry_at: at(start) });
  assert.equal(await soon.waitForOne(start + 60_000), true);
  assert.ok(Date.now() - start >= 450);
  assert.equal(await soon.waitForOne(start + 60_000), false, "it was waited for");

  const late = new HostWaits(Date.now);
  late.wait("https://i.example/1.jpg", { error: "shut", retry_at: at(Date.now() + 600_000) });
  assert.equal(await late.waitForOne(Date.now() + 900_000), false);
  const short = new HostWaits(Date.now);
  short.wait("https://i.example/1.jpg", { error: "busy", retry_at: at(Date.now() + 2_000) });
  assert.equal(await short.waitForOne(Date.now() + 1_000), false);
});
