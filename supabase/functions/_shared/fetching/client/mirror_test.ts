import assert from "node:assert/strict";
import { mirrorFrom } from "./mirror.ts";

const LOCAL = "http://127.0.0.1:54321";

Deno.test("a real URL is sent to the mirror by scheme, host and path, with its query", () => {
  const mirror = mirrorFrom("http://127.0.0.1:9000/", LOCAL);
  assert.equal(
    mirror?.map(new URL("https://bringatrailer.com/listing/x/?a=b&c=%20d")).href,
    "http://127.0.0.1:9000/https/bringatrailer.com/listing/x/?a=b&c=%20d",
  );
  assert.equal(
    mirror?.map(new URL("http://a.example/")).href,
    "http://127.0.0.1:9000/http/a.example/",
  );
});

Deno.test("unset or empty, there is no mirror", () => {
  assert.equal(mirrorFrom(undefined, "https://project.supabase.co"), null);
  assert.equal(mirrorFrom(" ", "https://project.supabase.co"), null);
});

for (const project of ["https://project.supabase.co", "http://10.0.0.1", "not a URL"]) {
  Deno.test(`a mirror is refused when the project is at ${project}`, () => {
    assert.throws(() => mirrorFrom("http://127.0.0.1:9000", project), /local stack only/);
  });
}

for (const where of ["https://example.com", "http://10.0.0.1:80", "nonsense", "ftp://127.0.0.1"]) {
  Deno.test(`a mirror at ${where} is refused`, () => {
    assert.throws(() => mirrorFrom(where, LOCAL), /on this machine/);
  });
}

for (const where of ["http://localhost:1", "http://[::1]:1", "http://127.0.0.2:1"]) {
  Deno.test(`${where} is on this machine`, () => assert.notEqual(mirrorFrom(where, LOCAL), null));
}
