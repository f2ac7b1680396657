import assert from "node:assert/strict";
import fc from "fast-check";
import { type JsonLdNode, placedNodes } from "../../html/json_ld.ts";
import { ownVehicle } from "./own_vehicle.ts";

const PAGE = "https://www.cars.example/used/2015-audi-tt-4711";
const AUDI = { "@type": "Car", name: "2015 Audi TT", brand: "Audi", model: "TT" };
const FORD = { "@type": "Car", name: "1965 Ford Mustang", brand: "Ford", model: "Mustang" };
const HEADINGS = ["2015 Audi TT"];

function read(blocks: JsonLdNode[], headings: readonly string[] = HEADINGS, url = PAGE) {
  const own = ownVehicle(placedNodes(blocks), { url, addresses: [url], headings });
  return own.kind === "one" ? own.vehicle.node.name : own.kind;
}

Deno.test("a vehicle is the page's by any address that it states, however that is written", () => {
  const anywhere = "https://www.cars.example/used/4711";
  const ways: JsonLdNode[] = [
    { url: "/used/4711/" },
    { url: "http://cars.example/used/4711?utm_source=x#top" },
    { "@id": anywhere },
    { mainEntityOfPage: { "@id": anywhere } },
    { offers: [{ "@type": "Offer", url: "//www.cars.example/used/4711" }] },
  ];
  for (const stated of ways) {
    assert.equal(
      read([{ ...AUDI, ...stated }], [], anywhere),
      "2015 Audi TT",
      JSON.stringify(stated),
    );
  }
});

Deno.test("a vehicle at another address is another's, also when it is the only one and has the page's name", () => {
  for (
    const url of [
      "/used/2015-audi-tt-4712",
      "https://elsewhere.example/used/2015-audi-tt-4711",
      "/en/used/2015-audi-tt-4712",
    ]
  ) assert.equal(read([{ ...AUDI, url }]), "another", url);
});

Deno.test("without an address the page's heading must name it: year, make and model", () => {
  assert.equal(read([AUDI]), "2015 Audi TT");
  assert.equal(read([AUDI], ["Audi TT"]), "2015 Audi TT");
  for (
    const heading of [
      "2014 Audi TT",
      "2015 Audi A4",
      "Audi TT for sale in Reno",
      "Smith Motors",
      "",
    ]
  ) assert.equal(read([AUDI], [heading]), "another", heading);
});

Deno.test("what is listed, related, reviewed or spoken of is the page's only by its address", () => {
  const ways: JsonLdNode[] = [
    { "@type": "Review", itemReviewed: AUDI },
    { "@type": "NewsArticle", about: AUDI },
    { "@type": "WebPage", mentions: [AUDI] },
    { "@type": "Product", name: "Mats", isAccessoryOrSparePartFor: AUDI },
    { "@type": "ItemList", itemListElement: [{ "@type": "ListItem", item: AUDI }] },
  ];
  for (const around of ways) assert.equal(read([around]), "another", JSON.stringify(around));
  const listed = { "@type": "ItemList", itemListElement: [{ ...AUDI, url: PAGE }, FORD] };
  assert.equal(read([listed]), "2015 Audi TT");
  assert.equal(read([{ "@type": "ItemPage", about: AUDI }]), "2015 Audi TT");
});

Deno.test("a VIN in the page's address decides, and what heading and address contradict is nobody's", () => {
  const vin = "TRUTC5FV6F1000001";
  const at = `https://www.cars.example/used/audi-${vin}`;
  assert.equal(read([{ ...AUDI, vehicleIdentificationNumber: vin }], [], at), "2015 Audi TT");
  const other = { ...AUDI, vehicleIdentificationNumber: "TRUTC5FV6F1000002" };
  assert.equal(read([other], HEADINGS, at), "another");
  assert.equal(read([{ ...FORD, url: PAGE }]), "another");
});

Deno.test("other vehicles beside the page's own change nothing, in whatever order they stand", () => {
  const other = fc.record({
    "@type": fc.constantFrom("Car", "Vehicle", "Motorcycle"),
    name: fc.constantFrom("2015 Audi TT", "2015 Audi TT Roadster", "1965 Ford Mustang"),
    url: fc.nat({ max: 999 }).map((id) => `/used/2015-audi-tt-${5000 + id}`),
    color: fc.constant("Red"),
  });
  const own = fc.constantFrom({ ...AUDI, url: PAGE }, AUDI);
  fc.assert(fc.property(own, fc.array(other, { maxLength: 5 }), fc.nat(), (mine, others, seed) => {
    const blocks: JsonLdNode[] = [...others];
    blocks.splice(seed % (others.length + 1), 0, mine);
    const found = ownVehicle(placedNodes(blocks), {
      url: PAGE,
      addresses: [PAGE],
      headings: HEADINGS,
    });
    assert.equal(found.kind, "one");
    assert.equal(found.kind === "one" && found.vehicle.node.color, undefined);
  }));
});
