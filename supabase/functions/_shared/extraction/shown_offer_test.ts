import assert from "node:assert/strict";
import { shownOffer } from "./shown_offer.ts";
import { cpuClock } from "../domain/testing/cpu_clock.ts";

const page = (around: string, title = "1967 Jaguar E-Type | Old Dealer", before = "") =>
  `<html><head><title>${title}</title></head><body><nav><a>Sold</a><span>Sold</span></nav>${before}<h1>1967 Jaguar E-Type</h1>${around}</body></html>`;
const state = (...parts: Parameters<typeof page>) => shownOffer(page(...parts))?.state ?? null;

Deno.test("a badge beside the heading says how the offer stands", () => {
  assert.equal(state(`<span class="badge">SOLD</span>`), "sold");
  assert.equal(state("", undefined, `<div class="ribbon">Verkauft</div>`), "sold");
  assert.equal(state(`<p>Prix : <b>vendu</b></p>`), "sold");
  assert.equal(state(`<p class="price">Prijs: verkocht</p>`), "sold");
  assert.equal(state(`<img src="/ribbons/3.png" alt="Sold">`), "sold");
  assert.equal(state(`<dl><dt>Status</dt><dd>Sold</dd></dl>`), "sold");
  assert.equal(state(`<p>Sold for <b>£12,950</b></p><p>Sold on 12/03/2024</p>`), "sold");
  assert.equal(state(`<div>Reserviert</div>`), "pending");
  assert.equal(state(`<div>Sale Pending</div>`), "pending");
  assert.equal(state(`<p>Este anuncio ya no está disponible</p>`), "over");
  assert.equal(state(`<p>Ogłoszenie jest nieaktualne</p>`), "over");
});

Deno.test("the page's title says it in a part of its own", () => {
  assert.equal(state("", "SOLD: 1967 Jaguar E-Type | Old Dealer"), "sold");
  assert.equal(state("", "1967 Jaguar E-Type - Såld | Bilar"), "sold");
  assert.equal(state("", "1967 Jaguar E-Type (réservé) - Garage"), "pending");
  assert.equal(state("", "Classic cars bought and sold"), null);
  assert.equal(state("", "Sold cars | Old Dealer"), null);
});

Deno.test("menus, links, filters and other cars say nothing of this one", () => {
  assert.equal(state(""), null);
  assert.equal(state(`<a href="/sold">Sold</a><button>Sold</button><label>Sold</label>`), null);
  assert.equal(state(`<select><option value=1>Sold</option></select>`), null);
  assert.equal(state(`<ul><li>For sale</li><li>Sold</li></ul>`), null);
  assert.equal(state(`<ul><li>Verkauft</li><li>Verfügbar</li></ul>`), null);
  assert.equal(state(`<h2>Gallery</h2><div>Sold</div>`), null);
  assert.equal(state(`<h3>Similar cars</h3><div>Sold</div>`), null);
  assert.equal(
    state(`<div>Sold by a private party</div><div>Recently sold</div><div>Sold:</div>`),
    null,
  );
  assert.equal(state(`<dl><dt>VIN</dt><dd>Not available</dd></dl>`), null);
  assert.equal(state(`<p>Price not available</p>`), null);
  assert.equal(state(`${"<p>of it</p>".repeat(400)}<div>Sold</div>`), null);
});

Deno.test("a page without a heading, or of marks only, costs little", () => {
  assert.equal(shownOffer("<p>Sold</p>"), null);
  const cpuMs = cpuClock();
  shownOffer(`<h1>${"<".repeat(2_000_000)}`);
  shownOffer(`<h1>${"sold ".repeat(400_000)}`);
  shownOffer(`<h1>x</h1>${"<b>this car has been been </b>".repeat(100_000)}`);
  assert.ok(cpuMs() < 1_000);
});
