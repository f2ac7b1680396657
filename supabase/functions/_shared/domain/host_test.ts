import assert from "node:assert/strict";
import { hostName, hostOf, isHostOf, pathOf } from "./host.ts";

Deno.test("one site has one host: case, www, port and final dot do not matter", () => {
  for (
    const host of [
      "example.com",
      "WWW.Example.com",
      "www.example.com.",
      "example.com:80",
      "www.www.example.com",
    ]
  ) {
    assert.equal(hostOf(`https://${host}/a`), "example.com", host);
    assert.equal(hostOf(new URL(`https://${host}/a`)), "example.com", host);
  }
  assert.equal(hostOf("https://greenville.craigslist.org/"), "greenville.craigslist.org");
  assert.equal(hostOf("https://wwwcars.example/"), "wwwcars.example");
  assert.equal(hostOf("https://www./"), "www");
});

Deno.test("what is no address has no host", () => {
  for (const text of ["", "example.com/a", "no address", "https://"]) {
    assert.equal(hostOf(text), "");
  }
});

Deno.test("the name that is resolved keeps its www", () => {
  assert.equal(hostName(new URL("https://WWW.Example.com./a")), "www.example.com");
});

Deno.test("a subdomain belongs to its host, a name that only ends alike does not", () => {
  assert.ok(isHostOf("cars.ksl.com", ["ksl.com"]) && isHostOf("ksl.com", ["a.example", "ksl.com"]));
  assert.ok(!isHostOf("notksl.com", ["ksl.com"]) && !isHostOf("ksl.com.evil.example", ["ksl.com"]));
});

Deno.test("a path is what stands behind the host, without query and fragment", () => {
  assert.equal(pathOf("https://carsandbids.com/auctions/abc?ref=1#top"), "/auctions/abc");
  assert.equal(pathOf("https://carsandbids.com"), "/");
  assert.equal(pathOf("no address"), "/");
});
