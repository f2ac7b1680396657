import assert from "node:assert/strict";
import type { JsonLdNode } from "../../html/json_ld.ts";
import { offeredPrice } from "./offer_price.ts";

const price = (...offers: JsonLdNode[]) => {
  const found = offeredPrice(offers);
  return found === null ? null : [found.money.amount, found.doubt === 1];
};
const specified = (...priceSpecification: JsonLdNode[]) =>
  price({ "@type": "Offer", priceSpecification });

Deno.test("a price stands in the offer, its specification or a nested offer", () => {
  assert.deepEqual(price({ price: "20,688" }), [20_688, true]);
  assert.deepEqual(specified({ price: 20_688 }), [20_688, true]);
  assert.deepEqual(price({ "@type": "AggregateOffer", offers: [{ price: 20_688 }] }), [
    20_688,
    true,
  ]);
  assert.deepEqual(price({ lowPrice: 20_688, highPrice: 20_688 }), [20_688, true]);
  assert.equal(price({ price: "Call" }), null);
});

Deno.test("the sum called the price goes before the list price, wherever each stands", () => {
  const list = { price: 23_285, priceType: "https://schema.org/MSRP" };
  const sale = { price: 20_688, priceType: "https://schema.org/SalePrice" };
  assert.deepEqual([
    specified(list, sale),
    specified(sale, list),
    price({ ...list, priceSpecification: sale }),
  ], [
    [20_688, true],
    [20_688, true],
    [20_688, true],
  ]);
  assert.deepEqual(price({ price: 20_688, priceSpecification: list }), [20_688, true]);
  assert.deepEqual(
    price({ name: "Listenpreis", price: 23_285 }, { name: "Unser Preis", price: 20_688 }),
    [
      20_688,
      true,
    ],
  );
  assert.deepEqual(specified(list), [23_285, false]);
});

Deno.test("a rate is no price: by unit, type, name or the words behind it", () => {
  const rates: JsonLdNode[] = [
    { price: 412, referenceQuantity: { unitCode: "MON" } },
    { price: 412, unitText: "month" },
    { price: 412, billingDuration: 48 },
    { price: 412, "@type": "OfferForLease" },
    { price: 412, businessFunction: "http://purl.org/goodrelations/v1#LeaseOut" },
    { price: 412, name: "Leasingrate" },
    { price: "€ 412 p/m" },
  ];
  for (const rate of rates) {
    assert.equal(specified(rate), null, JSON.stringify(rate));
    assert.deepEqual(specified(rate, { price: 27_950 }), [27_950, true]);
  }
});

Deno.test("the bounds of a range, a least price and several sums are unsure or none", () => {
  assert.equal(price({ lowPrice: 9_000, highPrice: 14_000 }), null);
  assert.equal(price({ lowPrice: 9_000, highPrice: 14_000, price: 14_000 }), null);
  assert.deepEqual(price({ lowPrice: 9_000 }), [9_000, false]);
  assert.deepEqual(price({ price: "From $23,000" }), [23_000, false]);
  assert.deepEqual(price({ price: 9_000 }, { price: 9_500 }), [9_000, false]);
  assert.deepEqual(price({ price: 9_000 }, { price: 9_000 }), [9_000, true]);
});
