import assert from "node:assert/strict";
import { readApi, securityHeaders } from "./policy.ts";

const api = { url: "https://example.supabase.co", key: "sb_publishable_x" };

Deno.test("the policy allows no inline script or style, and sends to nobody but the project", () => {
  const policy = securityHeaders(api)["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self';/);
  assert.match(policy, /style-src 'self';/);
  assert.match(policy, /connect-src 'self' https:\/\/example\.supabase\.co;/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|data:/);
});

Deno.test("a project's address is taken without what stands behind its host", () => {
  assert.deepEqual(readApi("https://example.supabase.co/rest/v1/", "sb_publishable_x"), api);
});

for (
  const [what, key] of [
    ["a secret key", ["sb", "secret", "x".repeat(12)].join("_")],
    ["a legacy token of the service role", `h.${btoa('{"role":"service_role"}')}.s`],
  ] as const
) {
  Deno.test(`${what} is refused: a browser may not hold it`, () => {
    assert.throws(() => readApi(api.url, key), /no browser may hold/);
  });
}

Deno.test("an address without https is refused, unless it is this machine's", () => {
  assert.throws(() => readApi("http://example.supabase.co", api.key), /must be https/);
  assert.equal(readApi("http://127.0.0.1:54321", api.key).url, "http://127.0.0.1:54321");
});
