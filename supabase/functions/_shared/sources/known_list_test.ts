import assert from "node:assert/strict";
import { hostOf } from "../domain/host.ts";
import { KNOWN_SITES } from "./known_list.ts";
import { adapterFor } from "./registry.ts";

Deno.test("a known site is a host that may be asked, named once, of a country", () => {
  const hosts = KNOWN_SITES.map(({ host }) => host);
  assert.equal(new Set(hosts).size, hosts.length);
  for (const { host, country } of KNOWN_SITES) {
    assert.equal(hostOf(`https://${host}/`), host);
    assert.match(country, /^[A-Z]{2}$/);
  }
});

Deno.test("no site that has an adapter is on the list", () => {
  for (const { host } of KNOWN_SITES) {
    assert.equal(adapterFor(`https://${host}/`).slug, "general", host);
  }
});
