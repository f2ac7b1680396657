import assert from "node:assert/strict";
import { completed, index, item, LIVE, live } from "./testing/index_page.ts";

Deno.test("where others are filed under a year, what has none and no motor is no vehicle", () => {
  const url = "https://bringatrailer.com/listing/roof-tent-9/";
  const { entries, skipped } = index({
    auctionsCurrentInitialData: [
      live(),
      live({ url: "/listing/1970-bmw-2002-4/", title: "1970 BMW 2002", year: "1970" }),
      live({ url, title: "Porsche Tequipment Roof Tent", year: null, searchable: null }),
    ],
  }, LIVE);
  assert.equal(entries.length, 2);
  assert.deepEqual(skipped, [{
    url,
    title: "Porsche Tequipment Roof Tent",
    why: "filed under no model year",
  }]);
});

Deno.test("the site's own categories say what is a part, by the page's list of them", () => {
  const toolbar =
    `<script>var BAT_MODEL_LISTINGS_TOOLBAR = {"categories":[{"id":70,"title":"Motorcycles"},{"id":999,"title":"Wheels"}]};</script>`;
  const items = [
    live({ title: "Fuchs for Porsche 911", categories: ["999"], year: null, searchable: null }),
    live({ url: "/listing/1970-honda-cb750/", title: "1970 Honda CB750", categories: ["70"] }),
  ];
  const { entries, skipped } = index({ auctionsCurrentInitialData: items }, LIVE, toolbar);
  assert.deepEqual(entries.map(({ title }) => title), ["1970 Honda CB750"]);
  assert.match(skipped[0]?.why ?? "", /among|neither gears/);
});

Deno.test("what is filed among parts is kept when title and address call it a vehicle", () => {
  const parts = { categories: ["379"], searchable: null };
  const truck = {
    title: "1998 Stewart & Stevenson M1078 Truck",
    url: "/listing/1998-stewart-m1078/",
  };
  const bike = { title: "1996 Porsche Bike FS", url: "/listing/1996-porsche-bike-fs-bicycle/" };
  const { entries, skipped } = index({
    auctionsCurrentInitialData: [
      live({ ...truck, ...parts, year: "1998" }),
      live({ ...bike, ...parts, excerpt: "This Porsche Bike FS bicycle is finished in silver." }),
      live({ title: "2025 Halfscale 917K", url: "/listing/2025-917k/", categories: [428] }),
    ],
  }, LIVE);
  assert.deepEqual(entries.map(({ title }) => title), [truck.title]);
  assert.match(skipped.map(({ why }) => why).join(), /among parts.*"bicycle".*go-karts/);
});

Deno.test("signs, pinball machines, wheels and rides are skipped with why", () => {
  const titles = [
    "Neon Chevrolet C1 Corvette–Style Sign",
    "Bally Evel Knievel Pinball Machine",
    "18×8″ and 18×9.5″ BMW Style 65 Wheels",
    "Porsche 911 Turbo-Style Coin-Operated Children’s Ride",
  ];
  const { entries, skipped } = completed(
    ...titles.map((title, at) => item({ title, url: `/listing/thing-${at}/`, excerpt: null })),
  );
  assert.deepEqual(entries, []);
  assert.deepEqual(skipped.map(({ title }) => title), titles);
  assert.ok(skipped.every(({ why }) => why.includes("names a thing")));
});
