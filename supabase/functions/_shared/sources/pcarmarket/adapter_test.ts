import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { extract } from "../registry.ts";

const URL_OF_AUCTION = "https://www.pcarmarket.com/auction/1988-porsche-911-7";
const AUCTION = {
  title: "1988 Porsche 911 Carrera Coupe",
  slug: "1988-porsche-911-7",
  lot_number: "V-1",
  vehicle: { make: "Porsche", model: "911 Carrera Coupe", year: 1988 },
  vin: "11304412013245",
  mileage_body: 84_210,
  odometer_type: "mi",
  tmu: false,
  high_bid: 61_500,
  auction_final_bid: null,
  status: "Live",
  sold: false,
  end_date: "2026-01-23T15:00:00-05:00",
  bid_count: 14,
};
const read = (changes: Record<string, unknown> = {}) => {
  const data = { props: { pageProps: { auction: { ...AUCTION, ...changes } } } };
  return extract(pageOf(
    `<html><script id="__NEXT_DATA__">${JSON.stringify(data)}</script></html>`,
    URL_OF_AUCTION,
  ));
};

Deno.test("a live auction's bid is no price, and retracts one that is held", () => {
  const extraction = read();
  extractionSchema.parse(extraction);
  const { facts, retractions, auction } = extraction;
  assert.deepEqual([facts.model?.value, facts.mileage?.value], ["911 Carrera Coupe", 84_210]);
  assert.deepEqual([facts.sale_status?.value, facts.sale_price], ["live", undefined]);
  assert.deepEqual([facts.high_bid?.value, auction?.bid_count], [61_500, 14]);
  assert.ok(retractions.sale_price);
});

Deno.test("a sold auction has its price and day, an unsold one without a bid neither", () => {
  const sold = read({ status: "Sold", sold: true, auction_final_bid: 62_000 });
  assert.deepEqual([sold.facts.sale_price?.value, sold.facts.sale_date?.value], [
    62_000,
    "2026-01-23",
  ]);
  assert.deepEqual(sold.retractions, {});
  assert.equal(read({ status: "Unsold", high_bid: 0 }).facts.sale_status?.value, "no_sale");
});

Deno.test("a withdrawn auction keeps its car, and one that missed its reserve its bid", () => {
  for (const status of ["Withdrawn", "Cancelled", "canceled"]) {
    const { facts, retractions } = read({ status });
    assert.deepEqual([facts.sale_status?.value, facts.sale_price], ["withdrawn", undefined]);
    assert.match(facts.high_bid?.evidence ?? "", /61500/);
    assert.ok(retractions.sale_price);
  }
  assert.equal(read({ status: "Reserve Not Met" }).facts.sale_status?.value, "bid_to");
  assert.equal(read({ status: "reserve_not_met" }).facts.sale_status?.value, "bid_to");
});

Deno.test("kilometres are converted, and a mileage said to be unknown is not sure", () => {
  assert.equal(read({ odometer_type: "km", mileage_body: 100_000 }).facts.mileage?.value, 62_137);
  assert.ok((read({ tmu: true }).facts.mileage?.confidence ?? 1) < 0.5);
});

Deno.test("memorabilia, a page without data and half an auction yield nothing", () => {
  assert.equal(read({ vehicle: null }).outcome, "not_a_listing");
  assert.match(read({ status: "new word" }).reason, /no sale_status/);
  assert.equal(extract(pageOf("<html>x", URL_OF_AUCTION)).outcome, "unreadable");
  assert.equal(
    extract(pageOf("<html>x", "https://www.pcarmarket.com/auctions")).outcome,
    "not_a_listing",
  );
});
