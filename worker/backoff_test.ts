import assert from "node:assert/strict";
import { Backoff } from "./backoff.ts";

Deno.test("waits double up to the longest, each between its half and its whole", () => {
  const backoff = new Backoff(1_000, 30_000);
  for (const whole of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    const wait = backoff.next();
    assert.ok(wait >= whole / 2 && wait <= whole, `${wait} of ${whole} ms`);
  }
  backoff.reset();
  assert.ok(backoff.next() <= 1_000);
});
