import assert from "node:assert/strict";
import { HostChecker, systemResolver } from "./resolve.ts";

const url = new URL("https://listing.example.com/a");
function checker(addresses: string[] | Error, now = () => 0) {
  let asked = 0;
  const one = new HostChecker(() => {
    asked++;
    return addresses instanceof Error ? Promise.reject(addresses) : Promise.resolve(addresses);
  }, now);
  return { check: () => one.check(url), asked: () => asked };
}

Deno.test("a name with public addresses passes", async () => {
  const { check } = checker(["93.184.216.34", "2606:2800:220:1::1"]);
  assert.equal((await check()).kind, "public");
});

Deno.test("a name that resolves to loopback is refused, and the reason names both", async () => {
  const result = await checker(["127.0.0.1"]).check();
  assert.equal(result.kind, "refused");
  assert.match(
    result.kind === "refused" ? result.reason : "",
    /listing\.example\.com.*127\.0\.0\.1/,
  );
});

Deno.test("one inner address among public ones is enough to refuse", async () => {
  assert.equal((await checker(["93.184.216.34", "::ffff:10.0.0.1"]).check()).kind, "refused");
});

Deno.test("a name that does not resolve, or to nothing, is unresolved", async () => {
  assert.equal((await checker(new Error("ENOTFOUND")).check()).kind, "unresolved");
  assert.equal((await checker([]).check()).kind, "unresolved");
});

Deno.test("an answer stands in for two seconds, then the name is asked for again", async () => {
  let now = 0;
  const { check, asked } = checker(["93.184.216.34"], () => now);
  await check();
  now = 1_999;
  await check();
  assert.equal(asked(), 1);
  now = 2_001;
  await check();
  assert.equal(asked(), 2);
});

Deno.test("the system's resolver gives the addresses of localhost", async () => {
  assert.ok(
    (await systemResolver("localhost")).some((one) => one === "127.0.0.1" || one === "::1"),
  );
});
