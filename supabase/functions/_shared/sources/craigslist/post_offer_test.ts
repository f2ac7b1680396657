import assert from "node:assert/strict";
import { extract } from "../registry.ts";
import { post2021, post2026, type PostParts } from "./testing/page.ts";

const status = (parts: PostParts) =>
  [post2021, post2026].map((make) => {
    const { facts, retractions } = extract(make(parts));
    return facts.sale_status?.value ??
      (retractions.sale_status === undefined ? "none" : "retracted");
  });

Deno.test("a post whose title or text says sold is sold", () => {
  for (
    const title of ["2008 VW Jetta SE - SOLD", "SOLD 2008 VW Jetta SE", "2008 VW Jetta SE is sold"]
  ) {
    assert.deepEqual(status({ title }), ["sold", "sold"], title);
  }
  assert.deepEqual(status({ body: "This car has been sold. Runs well." }), ["sold", "sold"]);
});

Deno.test("a post whose sale is pending is neither sold nor for sale: what is held must go", () => {
  for (
    const parts of [
      { title: "2008 VW Jetta SE - sold pending pickup" },
      { title: "2008 VW Jetta SE (SALE PENDING)" },
      { body: "SOLD pending pickup. Runs well." },
      { body: "Runs well.<br>Sale pending!" },
    ]
  ) assert.deepEqual(status(parts), ["retracted", "retracted"], JSON.stringify(parts));
});

Deno.test("a post that speaks of other sales is for sale", () => {
  for (
    const parts of [
      { title: "2008 VW Jetta SE must be sold" },
      { title: "Sold as is 2008 VW Jetta SE" },
      { body: "If the ad is up it is not sold. Sold as is. The trailer is sold separately." },
      { body: "Pending smog, runs well. I sold my other car." },
    ]
  ) assert.deepEqual(status(parts), ["for_sale", "for_sale"], JSON.stringify(parts));
});
