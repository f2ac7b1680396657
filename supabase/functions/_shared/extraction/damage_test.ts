import assert from "node:assert/strict";
import { batPage } from "../sources/bringatrailer/testing/page.ts";
import { extract } from "../sources/registry.ts";
import { damageOf } from "./damage.ts";

const page = batPage();
const whyDamaged = (html: string) => damageOf(html).why;
const filler = "<p>words</p>".repeat(1_000);

Deno.test("a whole page is not damaged, nor one with a stray control character of a pasted text", () => {
  assert.equal(whyDamaged(page.body), null);
  assert.equal(whyDamaged(page.body.replace("wheels", "whe\u0008els whe\u0008els")), null);
  assert.equal(whyDamaged("{}"), null);
  assert.equal(whyDamaged(""), null);
});

Deno.test("a page with several control characters was damaged", () => {
  assert.match(whyDamaged("<html>a\u0001b\u0010c</html>") ?? "", /control characters/);
  const body = page.body.replace("wheels", "\u0001\u0002");
  const { outcome, reason } = extract({ ...page, body });
  assert.equal(outcome, "unreadable");
  assert.match(reason, /control characters/);
});

Deno.test("a page whose start stands behind its parts, or its end before them, was put together anew", () => {
  assert.match(whyDamaged(`${filler}<!doctype html><html><body>x</body></html>`) ?? "", /start/);
  assert.match(whyDamaged(`<html><body>x</body></html>${filler}`) ?? "", /end/);
});

Deno.test("what a server writes before a page, or a footer behind it, is no damage", () => {
  assert.equal(whyDamaged(`<br /><b>Notice</b>: x<br />${page.body}`), null);
  assert.equal(whyDamaged(`<html><body>${filler}</body></html><div>footer</div>`), null);
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
