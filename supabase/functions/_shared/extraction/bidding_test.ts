import assert from "node:assert/strict";
import { showsBidding } from "./bidding.ts";
import { cpuClock } from "../domain/testing/cpu_clock.ts";

const page = (body: string, title = "2016 Audi A4") =>
  `<html><head><title>${title}</title></head><body>${body}</body></html>`;

const AUCTIONS: Record<string, string> = {
  English: "<p>Current bid: $22,288</p>",
  "a label and its sum apart": "<dt>High bid</dt><dd><span>USD</span> <b>$12,000</b></dd>",
  German: "<span>Aktuelles Gebot</span><strong>12.500&nbsp;€</strong>",
  "German, with an end":
    "<span>Auktion endet in 3 Tagen</span><span>Auktionsende: 12.06.</span><button>Gebot abgeben</button>",
  French: "<div>Enchère actuelle</div><div>3 200 €</div>",
  "French by its button":
    "<div>Estimation</div><div>9 000 € - 14 000 €</div><button><span>Enchérir</span></button>",
  Dutch: "<p>Hoogste bod: € 8.250</p>",
  Italian: "<label>Offerta attuale</label><output>€ 8.250</output>",
  Spanish: "<li>Puja actual: 7.500 €</li>",
  Polish: "<td>Aktualna oferta</td><td>45 000 zł</td>",
  Swedish: "<td>Högsta bud</td><td>45 000 kr</td>",
  "a reserve and a count": "<em>Reserve not met</em><i>12 bids</i>",
  "a form's button": `<em>No reserve</em><input type="submit" value="Place bid">`,
};
for (const [name, body] of Object.entries(AUCTIONS)) {
  Deno.test(`a page sells by bids: ${name}`, () => assert.equal(showsBidding(page(body)), true));
}

Deno.test("a title that names an auction needs a second sign", () => {
  assert.equal(showsBidding(page("<p>Hello</p>", "BMW Z3 à vendre aux enchères")), false);
  assert.equal(showsBidding(page("<button>Enchérir</button>", "BMW Z3 aux enchères")), true);
});

const DEALERS: Record<string, string> = {
  prose: "<p>Bought at a no reserve sale, the winning bid then was $9,000.</p><p>Price $15,900</p>",
  "a short sentence": "<p>Winning bid then was $9,000.</p><p>Sold at no reserve in 2019.</p>",
  menu:
    "<nav><a href='/a'>Place a bid</a><a>Auctions</a><a>No reserve</a><button>Bid now</button></nav><p>$15,900</p>",
  "header and list":
    "<header><button>Place a bid</button></header><ul><li><a>Place a bid</a></li></ul><p>$15,900</p>",
  footer: "<p>€ 15.900</p><footer><a>Bieten</a><b>Auktion endet</b><b>Ohne Limit</b></footer>",
  "an offer to haggle":
    "<p>Estimated payment $299</p><button>Make an offer</button><p>Best offer: $15,000</p>",
};
for (const [name, body] of Object.entries(DEALERS)) {
  Deno.test(`a page asks a price: ${name}`, () => assert.equal(showsBidding(page(body)), false));
}

Deno.test("menus that never end cost no more than a page", () => {
  const hostile = "<nav><header><footer><h1>Bid".repeat(60_000);
  const cpuMs = cpuClock();
  assert.equal(showsBidding(hostile), false);
  assert.ok(cpuMs() < 1_000);
});
