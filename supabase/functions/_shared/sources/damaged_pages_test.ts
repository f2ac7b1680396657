import assert from "node:assert/strict";
import { batPage } from "./bringatrailer/testing/page.ts";
import { extract } from "./registry.ts";

const page = batPage();

Deno.test("a page with several control characters yields nothing, and says why", () => {
  const body = page.body.replace("wheels", "\u0001\u0002");
  const { outcome, reason } = extract({ ...page, body });
  assert.equal(outcome, "unreadable");
  assert.match(reason, /control characters/);
});

Deno.test("what a server writes before a page does not keep it from being read", () => {
  const body = `<br /><b>Notice</b>: x<br />${page.body}`.replace(
    "wheels",
    "whe\u0008els whe\u0008els",
  );
  assert.equal(extract({ ...page, body }).outcome, "listing");
});

Deno.test("on a page with a trace of damage a VIN without its check digit must stand there twice", () => {
  const vin = (body: string) => extract({ ...page, body }).facts.vin?.value;
  const foreign = "WBSDC9303J2791153";
  const checked = page.body.replace(foreign, "WP0AA29829U760958");
  const trace = (body: string) => body.replace("<table", "<ta\ufffdle x><table");
  assert.equal(vin(trace(checked)), "WP0AA29829U760958");
  assert.equal(vin(page.body), foreign);
  assert.equal(vin(trace(page.body)), undefined);
  assert.equal(vin(trace(page.body).replace("wheels", foreign)), foreign);
});

Deno.test("on a page with a trace of damage a price must stand there twice", () => {
  const once = batPage({ stats: "", entries: [], head: "1988 BMW M5 for sale on BaT Auctions" });
  assert.equal(extract(once).facts.sale_price?.value, 42_000);
  const suspect = extract({ ...once, body: once.body.replace("<table", "<ta\ufffdle x><table") });
  assert.equal(suspect.outcome, "listing");
  assert.equal(suspect.facts.sale_price, undefined);
  assert.equal(suspect.auction?.sale_price, null);
});
