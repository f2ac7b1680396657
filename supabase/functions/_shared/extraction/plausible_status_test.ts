import assert from "node:assert/strict";
import type { Facts } from "../domain/fact.ts";
import { plausibleStatus } from "./plausible_status.ts";

const facts = (confidence: number): Facts => ({
  asking_price: { value: 9_000, confidence: 0.9, evidence: "offer: 9000", way: "structured" },
  sale_status: { value: "for_sale", confidence, evidence: "InStock", way: "structured" },
});
const page = (badge: string) => `<h1>1988 Saab 900</h1><div>${badge}</div>`;

Deno.test("a car that the page shows as sold is sold, unsurely against its data", () => {
  const implied = plausibleStatus(facts(0.78), page("SOLD"));
  assert.deepEqual(implied.sale_status, {
    value: "sold",
    confidence: 0.6,
    evidence: 'the page "SOLD"',
    way: "prose",
  });
  assert.equal(implied.asking_price?.confidence, 0.72);
  const stated = plausibleStatus(facts(0.92), page("SOLD"));
  assert.deepEqual(stated.sale_status?.evidence, 'the page "SOLD"; but InStock');
  assert.ok((stated.sale_status?.confidence ?? 1) < 0.5);
});

Deno.test("a car on hold, or no longer offered, has no status, and a running auction keeps its own", () => {
  assert.equal(plausibleStatus(facts(0.92), page("Sale pending")).sale_status, undefined);
  assert.equal(plausibleStatus(facts(0.92), page("This listing has ended")).sale_status, undefined);
  const live: Facts = {
    sale_status: { value: "live", confidence: 0.9, evidence: "e", way: "record" },
  };
  assert.deepEqual(plausibleStatus(live, page("Ended")), live);
  assert.deepEqual(plausibleStatus(facts(0.92), page("Available")), facts(0.92));
});
