import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { extract } from "../registry.ts";

const URL_OF_AUCTION = "https://carsandbids.com/auctions/3abc/2013-porsche-911-carrera-coupe";
const values = ({ facts }: ReturnType<typeof extract>) =>
  Object.fromEntries(Object.entries(facts).map(([field, fact]) => [field, fact.value]));

const JSON_AUCTION = {
  id: "3abc",
  seller: { id: "s", username: "Sandy" },
  stats: {
    bids: 71,
    comments: 129,
    watchers: 1374,
    auction_end: "2026-04-20T18:39:45.989+00:00",
    current_bid: { bidder: { username: "y" }, amount: 78_000 },
    sale_amount: 78_000,
    buyer: { username: "y" },
  },
  no_reserve: false,
  listing: {
    title: "2013 Porsche 911 Carrera Coupe",
    sub_title: "~56,700 Miles, 7-Speed Manual",
    model: "991 911",
    make: "Porsche",
    year: 2013,
    location: "Fullerton, CA 92831",
    vin: "WP0AA2A95DS107582",
    mileage: 56_700,
    mileage_text: null,
    body_style: 1,
    engine: "3.4L Flat-6",
    drive_train: 2,
    transmission: 2,
    transmission_details: "7-Speed",
    exterior_color: "Black",
    interior_color: "Black",
    sections: { doug: "", highlights: "THIS… is a `car`.\n- It has **wheels** and other parts." },
    is_not_car: false,
    photos: {
      base_url: "media.carsandbids.com",
      docs: [{ id: "d", link: `${"c".repeat(40)}/photos/d.jpg?t=1` }],
      exterior: [{ id: "e", link: `${"c".repeat(40)}/photos/e.jpg?t=1` }],
    },
  },
  status: "sold",
  views: 16_074,
};

function fromJson(changes: Record<string, unknown> = {}, fetchedAt = "2026-05-01T00:00:00Z") {
  const body = JSON.stringify({ ...JSON_AUCTION, ...changes });
  return extract({ ...pageOf(body, URL_OF_AUCTION), contentType: "application/json", fetchedAt });
}

Deno.test("the JSON of a sold auction gives its facts and its price", () => {
  const extraction = fromJson();
  extractionSchema.parse(extraction);
  assert.deepEqual(values(extraction), {
    year: 2013,
    make: "Porsche",
    model: "911 Carrera Coupe",
    vin: "WP0AA2A95DS107582",
    mileage: 56_700,
    engine: "3.4L Flat-6",
    transmission: "Manual (7-Speed)",
    body_style: "Coupe",
    drivetrain: "RWD",
    color: "Black",
    interior_color: "Black",
    location: "Fullerton, CA 92831",
    seller_name: "Sandy",
    description: "THIS… is a car.\n\nIt has wheels and other parts.",
    sale_status: "sold",
    sale_price: 78_000,
    high_bid: 78_000,
    currency: "USD",
    sale_date: "2026-04-20",
  });
  assert.deepEqual(extraction.retractions, {});
  const { auction } = extraction;
  assert.deepEqual(
    [auction?.bid_count, auction?.comment_count, auction?.view_count, auction?.watcher_count],
    [71, 129, 16_074, 1_374],
  );
  assert.deepEqual([auction?.ends_at, auction?.buyer], ["2026-04-20T18:39:45.989Z", "y"]);
  assert.deepEqual(extraction.images.map((url) => url.slice(-9)), ["e.jpg?t=1", "d.jpg?t=1"]);
});

Deno.test("the JSON is read whatever media type it came with, and inside the page it came in", () => {
  const body = JSON.stringify(JSON_AUCTION);
  const asText = extract(pageOf(` ${body}`, URL_OF_AUCTION));
  const preloaded = extract(pageOf(
    `<html><div id="root"></div><script>window.__PRELOADED_DATA__ = {"AUCTION":{"data":${body}}}</script></html>`,
    URL_OF_AUCTION,
  ));
  assert.deepEqual(values(asText), values(fromJson()));
  assert.deepEqual(values(preloaded), values(fromJson()));
});

Deno.test("each status is its outcome, and only a sold one has a price", () => {
  const stats = { ...JSON_AUCTION.stats, sale_amount: null };
  const read = (status: string, changes = {}, fetchedAt?: string) => {
    const { facts, auction, retractions } = fromJson({ status, stats, ...changes }, fetchedAt);
    return [
      facts.sale_status?.value ?? null,
      auction?.sale_price ?? null,
      "sale_price" in retractions,
    ];
  };
  assert.deepEqual(read("sold"), ["sold", 78_000, false]);
  for (const words of ["sold_after", "Sold After", "soldAfter"]) {
    assert.deepEqual(read(words), ["sold", null, false]);
  }
  assert.deepEqual(read("reserve_not_met"), ["bid_to", null, true]);
  assert.deepEqual(read("canceled"), ["withdrawn", null, true]);
  assert.deepEqual(read("brand_new_word", {}, "2026-04-19T00:00:00Z"), ["live", null, true]);
  assert.deepEqual(read("brand_new_word"), [null, null, false]);
});

Deno.test("a mileage in words wins over its number, and kilometres are converted", () => {
  const listing = { ...JSON_AUCTION.listing, mileage_text: "30,300 Miles Shown - TMU" };
  const { facts } = fromJson({ listing });
  assert.deepEqual([facts.mileage?.value, (facts.mileage?.confidence ?? 1) < 0.5], [30_300, true]);
});

Deno.test("what is sold that is no car is not a listing", () => {
  const listing = { ...JSON_AUCTION.listing, is_not_car: true, vin: null };
  assert.match(fromJson({ listing }).reason, /marked as no car/);
});
