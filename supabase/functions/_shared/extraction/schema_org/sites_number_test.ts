import assert from "node:assert/strict";
import { readVin } from "../../vehicle/vin.ts";
import { isSitesNumber } from "./sites_number.ts";

const ofSite = (stated: string, year: number | null, node = {}) => {
  const vin = readVin(stated, year);
  return vin === null || isSitesNumber(vin, year, node);
};

Deno.test("a site's own number is no VIN", () => {
  assert.equal(ofSite("BUYFROMCS00858598", 2024), true);
  assert.equal(ofSite("858598", 2019), true);
  assert.equal(ofSite("STK-858598", 2019, { url: "https://x.example/car/858598" }), true);
  assert.equal(ofSite("CARBAY00000858598", 2019, { sku: "858598" }), true);
  assert.equal(ofSite("12", 2019), true);
});

Deno.test("a VIN, a frame number and an early chassis number are none of a site's", () => {
  assert.equal(ofSite("WVWZZZ1KZ6W612345", 2006, { sku: "612345" }), false);
  assert.equal(ofSite("5FNRL6H72JB054602", 2018, { sku: "054602" }), false);
  assert.equal(ofSite("BNR32-305366", 1993), false);
  assert.equal(ofSite("113027711", 1965), false);
});
