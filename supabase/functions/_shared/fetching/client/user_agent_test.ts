import assert from "node:assert/strict";
import { userAgent } from "./user_agent.ts";

Deno.test("the user agent says who asks and where to complain", () => {
  assert.equal(
    userAgent("https://example.com/bot", "https://p.supabase.co"),
    "VehicleDatabase/1.0 (+https://example.com/bot)",
  );
  assert.equal(
    userAgent("mailto:a@example.com", ""),
    "VehicleDatabase/1.0 (+mailto:a@example.com)",
  );
});

Deno.test("without a contact the project's own address stands there", () => {
  assert.equal(
    userAgent(undefined, "https://p.supabase.co/rest"),
    "VehicleDatabase/1.0 (+https://p.supabase.co)",
  );
});

for (
  const contact of [
    "me",
    "https://example.com/\r\nX-Evil: 1",
    "https://exämple.com",
    "https://a.b/()",
  ]
) {
  Deno.test(`a contact that cannot stand in a header is refused: ${JSON.stringify(contact)}`, () => {
    assert.throws(() => userAgent(contact, "https://p.supabase.co"), /CONTACT_URL/);
  });
}
