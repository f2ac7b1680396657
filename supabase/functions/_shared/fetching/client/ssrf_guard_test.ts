import assert from "node:assert/strict";
import fc from "fast-check";
import { checkRedirect, checkUrl } from "./ssrf_guard.ts";

const REFUSED: [string, RegExp][] = [
  ["", /not a URL/],
  ["bringatrailer.com/listing/x", /not a URL/],
  ["file:///etc/passwd", /only http and https/],
  ["ftp://example.com/a", /only http and https/],
  ["javascript:alert(1)", /only http and https/],
  ["data:text/html,hello", /only http and https/],
  ["blob:https://example.com/1", /only http and https/],
  ["gopher://example.com/", /only http and https/],
  ["https://user:secret@example.com/", /credentials/],
  ["https://user@example.com/", /credentials/],
  ["https://example.com:8080/", /port 8080/],
  ["http://example.com:22/", /port 22/],
  ["https://example.com:5432/", /port 5432/],
  ["http://169.254.169.254/latest/meta-data", /not a public address/],
  ["http://127.0.0.1/", /not a public address/],
  ["http://0.0.0.0/", /not a public address/],
  ["http://0/", /not a public address/],
  ["http://127.1/", /not a public address/],
  ["http://2130706433/", /not a public address/],
  ["http://0x7f000001/", /not a public address/],
  ["http://0x7f.0.0.1/", /not a public address/],
  ["http://0177.0.0.1/", /not a public address/],
  ["http://017700000001/", /not a public address/],
  ["http://１２７.０.０.１/", /not a public address/],
  ["http://127。0。0。1/", /not a public address/],
  ["http://127.0.0.1./", /not a public address/],
  ["http://%31%32%37.0.0.1/", /not a public address/],
  ["http://[::1]/", /not a public address/],
  ["http://[::]/", /not a public address/],
  ["http://[::ffff:127.0.0.1]/", /not a public address/],
  ["http://[::ffff:7f00:1]/", /not a public address/],
  ["http://[64:ff9b::7f00:1]/", /not a public address/],
  ["http://[fd00:ec2::254]/", /not a public address/],
  ["http://[fe80::1]/", /not a public address/],
  ["http://localhost/", /not a public host name/],
  ["http://LOCALHOST./", /not a public host name/],
  ["http://app.localhost/", /not a public host name/],
  ["http://metadata.google.internal/", /not a public host name/],
  ["http://printer.local/", /not a public host name/],
  ["http://intranet/", /not a public host name/],
  ["http://router.home.arpa/", /not a public host name/],
  ["http://something.onion/", /not a public host name/],
  [`https://example.com/${"a".repeat(2100)}`, /longer than/],
];

for (const [url, reason] of REFUSED) {
  Deno.test(`refused: ${url.slice(0, 60)}`, () => {
    const check = checkUrl(url);
    assert.equal(check.ok, false);
    assert.match(check.ok ? "" : check.reason, reason);
  });
}

const ALLOWED = [
  "https://bringatrailer.com/listing/1988-porsche-911/",
  "http://example.com/",
  "https://example.com:443/",
  "https://example.com:80/",
  "https://8.8.8.8/a",
  "https://[2606:4700::1111]/",
  "https://images.bringatrailer.example/a.jpg?w=1",
  "https://internal-auctions.com/",
  "https://münchen.de/",
];
for (const url of ALLOWED) {
  Deno.test(`allowed: ${url}`, () => assert.equal(checkUrl(url).ok, true));
}

Deno.test("whatever text is given, the SSRF guard answers, and what it lets pass is http(s) without credentials", () => {
  const text = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.tuple(fc.constantFrom("http://", "https://", "file://", ""), fc.string()).map((p) =>
      p.join("")
    ),
  );
  fc.assert(fc.property(text, (raw) => {
    const check = checkUrl(raw);
    if (!check.ok) return assert.notEqual(check.reason, "");
    assert.match(check.url.protocol, /^https?:$/);
    assert.equal(check.url.username + check.url.password, "");
    assert.ok(["", "80", "443"].includes(check.url.port));
    assert.equal(check.url.hash, "");
  }));
});

Deno.test("a loopback address is refused in each of its numeric spellings", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(fc.property(byte, byte, byte, (b, c, d) => {
    const whole = 127 * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
    const spellings = [
      `127.${b}.${c}.${d}`,
      String(whole),
      `0x${whole.toString(16)}`,
      `0${whole.toString(8)}`,
      `0x7f.0x${b.toString(16)}.0x${c.toString(16)}.0${d.toString(8)}`,
      `127.${b * 65536 + c * 256 + d}`,
      `[::ffff:127.${b}.${c}.${d}]`,
    ];
    for (const host of spellings) assert.equal(checkUrl(`http://${host}/`).ok, false, host);
  }));
});

Deno.test("a relative redirect is read against the page that sent it", () => {
  const check = checkRedirect("/other?x=1", new URL("https://example.com/a/b"));
  assert.equal(check.ok && check.url.href, "https://example.com/other?x=1");
});

Deno.test("a redirect to loopback is refused", () => {
  assert.equal(checkRedirect("http://127.0.0.1:80/", new URL("http://example.com/")).ok, false);
  assert.equal(checkRedirect("//localhost/x", new URL("https://example.com/")).ok, false);
});

Deno.test("a redirect from https to http is refused, from http to https followed", () => {
  assert.equal(checkRedirect("http://example.com/", new URL("https://example.com/")).ok, false);
  assert.equal(checkRedirect("https://example.com/", new URL("http://example.com/")).ok, true);
});
