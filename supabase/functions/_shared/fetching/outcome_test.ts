import assert from "node:assert/strict";
import fc from "fast-check";
import { outcomeCode } from "../domain/outcome.ts";
import { isRefusal, mattersToBreaker, outcomeOfStatus, statusMessage } from "./outcome.ts";

const CODES: Record<number, string> = {
  200: "ok",
  203: "ok",
  204: "unreadable",
  206: "unreadable",
  301: "server_error",
  304: "not_modified",
  400: "invalid",
  401: "blocked",
  402: "blocked",
  403: "blocked",
  404: "gone",
  408: "timeout",
  410: "gone",
  414: "invalid",
  425: "rate_limited",
  429: "rate_limited",
  451: "blocked",
  500: "server_error",
  502: "server_error",
  503: "server_error",
  599: "server_error",
  999: "blocked",
};
for (const [status, code] of Object.entries(CODES)) {
  Deno.test(`HTTP ${status} is ${code}`, () => assert.equal(outcomeOfStatus(Number(status)), code));
}

Deno.test("every status has an outcome code and a message", () => {
  fc.assert(fc.property(fc.integer({ min: 200, max: 999 }), (status) => {
    const code = outcomeCode.parse(outcomeOfStatus(status));
    assert.match(statusMessage(status, code), new RegExp(String(status)));
  }));
});

Deno.test("a refusal always matters to the breaker, a page that is gone never", () => {
  for (const code of outcomeCode.options) if (isRefusal(code)) assert.ok(mattersToBreaker(code));
  assert.equal(mattersToBreaker("gone"), false);
  assert.equal(mattersToBreaker("robots_disallowed"), false);
});
