import assert from "node:assert/strict";
import { asJson } from "./json.ts";

Deno.test("what Postgres refuses in a jsonb is left out of texts, however deep, and of keys", () => {
  const items = [{ comments: [{ body: "before\0after", "k\0ey": ["\ud800!", "\udc00"] }], n: 1 }];
  assert.deepEqual(asJson(items), [
    { comments: [{ body: "beforeafter", key: ["\ufffd!", "\ufffd"] }], n: 1 },
  ]);
});

Deno.test("all else passes as it is", () => {
  const items = [{ body: "日本 😀 \\u0000 is no NUL", at: null, price: 1.5, sold: false }];
  assert.deepEqual(asJson(items), items);
});
