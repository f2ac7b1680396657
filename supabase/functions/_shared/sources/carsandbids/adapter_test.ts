import assert from "node:assert/strict";
import { extraction as extractionSchema } from "../../domain/extraction.ts";
import { pageOf } from "../../domain/testing/page.ts";
import { extract } from "../registry.ts";

const URL_OF_AUCTION = "https://carsandbids.com/auctions/KV0vnYqQ/2000-honda-s2000";
const FACTS: Record<string, string> = {
  Make: "<a>Honda</a>",
  Model: `<a>S2000</a><button title="Notify me"><span class="sr-only">Save</span></button>`,
  Mileage: "32,400",
  VIN: "JHMAP1140YT000726",
  Engine: "2.0L I4",
  Drivetrain: "Rear-wheel drive",
  Transmission: "Manual (6-Speed)",
  "Exterior Color": "Berlina Black",
  Location: `<a href="#">Indianapolis, IN 46234</a>`,
  Seller: `<a title="Sandy" class="user" href="/user/Sandy">Sandy</a><button>Contact</button>`,
};
const LIVE = `<li class="time-left"><span class="tag">Time Left</span>1 Day</li>
  <li class="high-bid"><span class="tag">High Bid</span><span class="bid-value">$23,000</span></li>`;
const LIVE_BOX =
  `<li class="current-bid"><div class="th">Current Bid</div><span class="bid-value"><span class="dollar">$</span>23,000</span></li>`;

interface Parts {
  title: string;
  facts: Record<string, string>;
  bar: string;
  box: string;
  stats: string;
  thread: string;
}

function rendered(parts: Partial<Parts> = {}, url = URL_OF_AUCTION) {
  const all: Parts = {
    title: "2000 Honda S2000",
    facts: FACTS,
    bar: LIVE,
    box: LIVE_BOX,
    stats: "",
    thread:
      `<li data-id="b2" class="bid"><div class="username"><a title="x" href="/user/x">x</a></div>
      <dl class="placed-bid"><dt>Bid</dt><dd class="bid-value">$23,000</dd></dl></li>
      <li data-id="c1" class="comment"><div class="username"><a title="Sandy" href="/user/Sandy">Sandy</a><span class="seller">Seller</span></div>
      <div class="message"><button>Re: x</button><p>Sold for $1 is a joke.</p></div></li>`,
    ...parts,
  };
  const list = Object.entries(all.facts).map(([label, value]) =>
    `<dt>${label}</dt><dd class="wrappable">${value}</dd>`
  ).join("");
  return extract(pageOf(
    `<body><div id="root"><div class="page container-fluid auction-details"><div class="row auction-heading"><div class="auction-title"><h1>${all.title}</h1></div><h2>~32,400 Miles, 6-Speed Manual</h2></div>
    <div class="gallery-preview"><img src="https://media.carsandbids.com/cdn-cgi/image/width=542,quality=70/${
      "a".repeat(40)
    }/photos/K-b-(edit).jpg?t=1" alt="x"><img src="https://media.carsandbids.com/cdn-cgi/image/width=80,height=80,quality=70/${
      "b".repeat(40)
    }/photos/avatar.jpg"></div>
    <ul class="bid-stats">${all.bar}<li class="num-bids"><span class="tag">Bids</span><span class="value">17</span></li><li class="num-comments"><span class="tag">Comments</span><span class="value">5</span></li></ul>
    <div class="quick-facts"><dl>${list}</dl></div>
    <div class="detail-section detail-highlights"><h4>Highlights</h4><div class="detail-body"><p>THIS... is a 2000 Honda S2000,
      finished in Berlina Black.</p></div></div>
    <div id="auction-jump"><h3>2000 Honda S2000 · <span>Reserve</span></h3></div>
    <ul class="stats">${all.box}${all.stats}</ul><ul class="thread">${all.thread}</ul></div></div></body>`,
    url,
  ));
}

const values = ({ facts }: ReturnType<typeof extract>) =>
  Object.fromEntries(Object.entries(facts).map(([field, fact]) => [field, fact.value]));

Deno.test("a rendered live auction gives its facts, and its running bid is no price", () => {
  const extraction = rendered();
  extractionSchema.parse(extraction);
  assert.deepEqual(values(extraction), {
    year: 2000,
    make: "Honda",
    model: "S2000",
    vin: "JHMAP1140YT000726",
    mileage: 32_400,
    engine: "2.0L I4",
    transmission: "Manual (6-Speed)",
    drivetrain: "RWD",
    color: "Berlina Black",
    location: "Indianapolis, IN 46234",
    seller_name: "Sandy",
    description: "THIS... is a 2000 Honda S2000, finished in Berlina Black.",
    sale_status: "live",
    high_bid: 23_000,
    currency: "USD",
  });
  assert.ok((extraction.retractions.sale_price?.confidence ?? 0) > 0.9);
  const { auction } = extraction;
  assert.deepEqual([auction?.outcome, auction?.bid_count, auction?.comment_count], ["live", 17, 5]);
  assert.deepEqual([auction?.no_reserve, auction?.sale_price], [false, null]);
  assert.deepEqual(
    extraction.bids.map(({ source_id, amount, bidder }) => [source_id, amount, bidder]),
    [
      ["b2", 23_000, "x"],
    ],
  );
  assert.deepEqual(
    extraction.comments.map(({ source_id, body, is_seller }) => [source_id, body, is_seller]),
    [["c1", "Sold for $1 is a joke.", true]],
  );
  assert.deepEqual(extraction.images, [
    `https://media.carsandbids.com/cdn-cgi/image/width=2080,quality=70/${
      "a".repeat(40)
    }/photos/K-b-(edit).jpg?t=1`,
  ]);
});

const end = (words: string) => `<li class="ended"><span class="value">${words}</span></li>`;
const RESULTS: [string, Partial<Parts>, Record<string, unknown>][] = [
  ["sold", {
    bar: end(`Sold for <span class="bid-value">$24,500</span>`),
    box:
      `<li class="current-bid ended"><h4>Sold to <a title="y" href="/user/y">y</a></h4><span class="bid-value">$24,500</span></li>`,
    stats: `<li><div class="th">Ended</div><div class="td">9/11/23</div></li>`,
  }, { status: "sold", price: 24_500, bid: 24_500, date: "2023-09-11", buyer: "y" }],
  ["sold after the auction", {
    bar: end("Sold After for $24,000"),
    box:
      `<li class="current-bid ended"><h4>Reserve not met</h4><span class="bid-value">$23,000</span></li>`,
  }, { status: "sold", price: 24_000, bid: 23_000 }],
  ["sold after, said once", { bar: end("Sold After for $24,000"), box: "" }, {
    status: "sold",
    price: 24_000,
    bid: 23_000,
  }],
  ["sold after, without class or sum in the bar", {
    bar: `<li><span>Sold After</span> <span class="bid-value">$24,000</span></li>`,
    box: "",
  }, { status: "sold", price: 24_000, bid: 23_000 }],
  ["sold after, for a sum not told", { bar: end("Sold After"), box: "" }, {
    status: "sold",
    price: undefined,
  }],
  ["bid to", {
    bar: end(`Bid to <span class="bid-value">$23,000</span>`),
    box:
      `<li class="current-bid ended"><h4>Reserve not met</h4><span class="bid-value">$23,000</span></li>`,
  }, { status: "bid_to", price: undefined, bid: 23_000, retracted: true }],
  ["canceled", {
    bar: end("Auction Canceled"),
    box: `<li class="current-bid ended cancelled"><h4>Canceled</h4></li>`,
  }, { status: "withdrawn", price: undefined, retracted: true }],
];
for (const [name, parts, expected] of RESULTS) {
  Deno.test(`an auction that ended "${name}" gives its result`, () => {
    const { facts, retractions, auction } = rendered(parts);
    assert.deepEqual(
      [facts.sale_status?.value, facts.sale_price?.value, facts.high_bid?.value],
      [expected.status, expected.price, expected.bid ?? 23_000],
    );
    assert.equal("sale_price" in retractions, expected.retracted ?? false);
    assert.equal(auction?.sale_price ?? undefined, expected.price);
    assert.equal(auction?.buyer, expected.buyer ?? null);
    for (const field of ["sale_price", "high_bid"] as const) {
      const fact = facts[field];
      if (fact === undefined) continue;
      const sum = fact.value.toLocaleString("en-US");
      assert.ok(fact.evidence.includes(sum), `${field} ${sum}: ${fact.evidence}`);
    }
    if (expected.date) assert.equal(facts.sale_date?.value, expected.date);
  });
}

const { Make: _make, Model: _model, ...UNNAMED } = FACTS;
const UNKNOWN: [string, string, Record<string, string>][] = [
  ["in title and facts", "1998 Foobarri Zed Coupe", { Make: "Foobarri", Model: "Zed" }],
  ["in the title only", "1998 Foobarri Zed Coupe", {}],
  ["without a model in the facts", "1998 Foobarri Zed Coupe", { Make: "Foobarri" }],
  ["before the year", "Foobarri Zed Coupe 1998", {}],
];
for (const [where, title, named] of UNKNOWN) {
  Deno.test(`a maker in no list, ${where}, refuses no page`, () => {
    const { outcome, facts } = rendered({ title, facts: { ...UNNAMED, ...named } });
    assert.equal(outcome, "listing");
    assert.deepEqual(
      [facts.year?.value, facts.make?.value, facts.model?.value],
      [1998, "Foobarri", "Zed Coupe"],
    );
    assert.ok((facts.make?.confidence ?? 1) < 0.9, "a name in no list is less sure");
  });
}

Deno.test("a maker in no list is as long as the site states it", () => {
  const { facts } = rendered({
    title: "2016 Foo Barri Works Zed",
    facts: { ...UNNAMED, Make: "Foo Barri Works", Model: "Zed" },
  });
  assert.deepEqual([facts.make?.value, facts.model?.value], ["Foo Barri Works", "Zed"]);
});

Deno.test("a car called after a thing is a car where its engine is stated", () => {
  const { outcome, facts } = rendered({
    title: "2016 Foobarri Boat Tail Speedster",
    facts: { Engine: "2.0L I4", VIN: "N/A", Mileage: "N/A" },
  });
  assert.deepEqual([outcome, facts.model?.value], ["listing", "Boat Tail Speedster"]);
});

Deno.test("the site's own notice of a sale confirms it, a member's words do not", () => {
  const bar = end("Sold for $24,500");
  const notice = `<li data-id="s" class="system-comment">Sold to y for $24,500</li>`;
  const sure = rendered({ bar, box: "", thread: notice }).facts.sale_price?.confidence;
  const alone = rendered({ bar, box: "", thread: notice.replace("system-", "") }).facts.sale_price
    ?.confidence;
  assert.deepEqual([sure, alone], [0.99, 0.97]);
});

Deno.test("two places that contradict each other are no result", () => {
  const { outcome, facts, retractions, auction } = rendered({
    bar: end("Sold for $24,500"),
    box:
      `<li class="current-bid ended"><h4>Reserve not met</h4><span class="bid-value">$23,000</span></li>`,
  });
  assert.deepEqual([outcome, auction?.outcome, auction?.sale_price], ["listing", "unknown", null]);
  assert.deepEqual([facts.sale_status, facts.sale_price, retractions], [undefined, undefined, {}]);
});

Deno.test("an auction's page without its facts or its bids is unreadable, not half an auction", () => {
  assert.match(rendered({ facts: {} }).reason, /without its quick facts/);
  const { outcome, reason, facts } = rendered({ bar: "", box: "", thread: "" });
  assert.deepEqual([outcome, facts], ["unreadable", {}]);
  assert.match(reason, /not how it stands/);
});

const OTHERS: Record<string, [string, string, RegExp]> = {
  "a list of auctions as JSON": [
    JSON.stringify({ auctions: [{ title: "1939 Mercury 8", current_bid: 30_000 }], total: 1 }),
    "https://carsandbids.com/v2/autos/auctions",
    /^not_a_listing a list/,
  ],
  "damaged JSON": ['{"listing": {"title": "2013 Pors', URL_OF_AUCTION, /^unreadable/],
  "the shell": [
    `<html><title>Cars & Bids</title><div id="root"></div><script>window.__PRELOADED_DATA__ = {"STATS":{"data":null}}</script></html>`,
    URL_OF_AUCTION,
    /^unreadable .*needs a browser/,
  ],
  "a rendered index": [
    `<html><div id="root"><ul><li class="auction-item"><a href="/auctions/1">2000 Honda S2000</a></li></ul>${
      "Auctions end soon. ".repeat(99)
    }</div></html>`,
    "https://carsandbids.com/past-auctions/",
    /^not_a_listing an index/,
  ],
};
for (const [name, [body, url, expected]] of Object.entries(OTHERS)) {
  Deno.test(`nothing is read from ${name}`, () => {
    const { outcome, reason, facts, images } = extract(pageOf(body, url));
    assert.match(`${outcome} ${reason}`, expected);
    assert.deepEqual([facts, images], [{}, []]);
  });
}

Deno.test("a car's markup alone gives the car, and a bid beside it is no price", () => {
  const car = {
    "@type": "Product",
    name: "2011 BMW M3 Sedan",
    brand: { name: "BMW" },
    model: "M3",
    vehicleModelDate: "2011",
    offers: { price: 32_000, priceCurrency: "USD" },
  };
  const { outcome, facts } = extract(pageOf(
    `<html><title>2011 BMW M3</title><script type="application/ld+json">${
      JSON.stringify(car)
    }</script><p>Current bid: $32,000</p></html>`,
    URL_OF_AUCTION,
  ));
  assert.deepEqual([outcome, facts.make?.value, facts.year?.value], ["listing", "BMW", 2011]);
  assert.deepEqual([facts.asking_price, facts.sale_price], [undefined, undefined]);
});
