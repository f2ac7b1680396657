import type { Page } from "../../../domain/page.ts";
import { pageOf } from "../../../domain/testing/page.ts";

/** A post made up in the site's markup; what is left out is not on the page. */
export interface PostParts {
  title?: string;
  price?: string | null;
  place?: string | null;
  year?: number | null;
  makeModel?: string;
  rows?: Record<string, string>;
  flags?: string[];
  body?: string;
  category?: string;
  seller?: "owner" | "dealer";
  images?: string[];
  posted?: string;
  head?: string;
  url?: string;
}

const HOST = "https://images.craigslist.org";
export const URL_2021 = "https://greenville.craigslist.org/cto/d/a-post/7400000001.html";
const URL_2026 = "https://www.craigslist.org/view/d/brooklyn-a-post/kfvqiXscPUVb9PyC34B4YN";

const PLAIN: Required<Omit<PostParts, "url" | "head">> = {
  title: "2008 VW Jetta SE",
  price: "$2,000",
  place: "Abbeville",
  year: 2008,
  makeModel: "vw jetta",
  rows: {
    "cylinders": "5 cylinders",
    "fuel": "gas",
    "odometer": "231850",
    "transmission": "manual",
  },
  flags: [],
  body: "Just replaced the rear brakes. Runs well.<br>\n<br>\nCall after five.",
  category: "cto",
  seller: "owner",
  images: ["00Q0Q_1UxJS9itrudz_0t20CI", "00Z0Z_k5ar9mZfugz_0t20CI"],
  posted: "2021-11-05T12:01:22-0400",
};

/** A post in the layout of 2021. */
export function post2021(parts: PostParts = {}): Page {
  const post = { ...PLAIN, ...parts };
  const rows = Object.entries(post.rows).map(([label, value]) =>
    `<span>${label}: <b>${value}</b></span>`
  );
  const flags = post.flags.map((flag) => `<span><b>${flag}</b></span>`);
  const named = post.year === null ? post.makeModel : `${post.year} ${post.makeModel}`;
  const list = post.images.map((id) => ({
    shortid: id.slice(6),
    url: `${HOST}/${id}_600x450.jpg`,
    thumb: `${HOST}/${id}_50x50c.jpg`,
    imgid: `3:${id}`,
  }));
  return pageOf(
    `<!DOCTYPE html><html><head>
<meta name="geo.region" content="US-SC"><meta name="geo.placename" content="${
      post.place ?? "Greenville"
    }">
<title>${post.title} - cars &amp; trucks - by ${post.seller} - vehicle automotive sale</title>${
      post.head ?? ""
    }
<script type="application/ld+json" id="ld_breadcrumb_data">{"itemListElement":[{"item":{"name":"x","@id":"https://greenville.craigslist.org/d/x/search/${post.category}"}}]}</script>
<script>window.cl.init('https://www.craigslist.org/static/www/', '', 'www', 'posting', {
imageConfig: {"3":{"hostname":"${HOST}","sizes":["50x50c","300x300","600x450","1200x900"]},"0":{"hostname":"${HOST}","sizes":["50x50c","300x300","600x450"]}},
pID: 7400000001
}, 0);</script></head><body class="posting">
<p class="postinginfo reveal">Posted <time class="date timeago" datetime="${post.posted}">then</time></p>
<h1 class="postingtitle"><span class="postingtitletext">
<span id="titletextonly">${post.title}</span>${
      post.price === null ? "" : ` - <span class="price">${post.price}</span>`
    }${post.place === null ? "" : `<small> (${post.place})</small>`}    </span></h1>
<section class="userbody"><script type="text/javascript"><!--
var imgList = ${JSON.stringify(list)};
--></script>
<div class="mapAndAttrs"><p class="attrgroup"><span><b>${named}</b></span><br></p>
<p class="attrgroup">${[...rows, ...flags].join("<br>\n")}</p></div>
<section id="postingbody">
        <div class="print-information print-qrcode-container">
            <p class="print-qrcode-label">QR Code Link to This Post</p>
            <div class="print-qrcode" data-location="${URL_2021}"></div>
        </div>
${post.body}    </section>
<div class="postinginfos"><p class="postinginfo">post id: 7400000001</p></div></section></body></html>`,
    post.url ?? URL_2021,
  );
}

const CLASSES: Readonly<Record<string, string>> = {
  VIN: "auto_vin",
  odometer: "auto_miles",
  cylinders: "auto_cylinders",
  drive: "auto_drivetrain",
  fuel: "auto_fuel_type",
  transmission: "auto_transmission",
  type: "auto_bodytype",
  "paint color": "auto_paint",
};

/** A post in the layout of 2026, as far as it is known. */
export function post2026(parts: PostParts & { product?: Record<string, unknown> } = {}): Page {
  const post = { ...PLAIN, ...parts };
  const rows = Object.entries(post.rows).map(([label, value]) =>
    `<div class="attr ${CLASSES[label] ?? "x"}">
<span class="labl">${label}:</span>
<span class="valu"> <a href="/search?x=1&amp;cat=cta">${value}</a>
</span>
</div>`
  );
  const product = parts.product ?? {
    "@type": "Product",
    name: post.title,
    image: post.images.map((id) => `${HOST}/${id}_600x450.jpg`),
    offers: {
      "@type": "Offer",
      price: `${(post.price ?? "0").replace(/[^\d]/g, "")}.00`,
      priceCurrency: "USD",
      availableAtOrFrom: {
        address: { addressLocality: "Brooklyn", addressRegion: "NY", addressCountry: "US" },
      },
    },
  };
  return pageOf(
    `<!doctype html><html><head>
<script id="ld_breadcrumb_data" type="application/ld+json">{"itemListElement":[{"item":"https://www.craigslist.org/search/subarea/brk?cat=sss"},{"item":"https://www.craigslist.org/search/subarea/brk?cat=${post.category}&purveyor=${post.seller}","name":"cars+trucks"},{"item":"${URL_2026}","name":"x"}]}</script>
<script id="ld_posting_data" type="application/ld+json">
    ${JSON.stringify(product)}
</script>${post.head ?? ""}</head><body>
<h1 class="postingtitle"><span class="postingtitletext">
<span id="titletextonly">${post.title}</span>${
      post.price === null ? "" : ` - <span class="price">${post.price}</span>`
    }${post.place === null ? "" : `<span> (${post.place})</span>`} </span></h1>
<div class="attrgroup"><div class="attr important">
<span class="valu year">${post.year ?? ""}</span>
<span class="valu makemodel"> <a href="/search?cat=cta">${post.makeModel}</a>
</span></div></div>
<div class="attrgroup">${rows.join("\n")}${
      post.flags.map((flag) =>
        `<div class="attr odometer_broken"><span class="valu">${flag}</span></div>`
      ).join("")
    }</div>
<section id="postingbody">
<div class="print-information print-qrcode-container"><p class="print-qrcode-label">QR Code Link to This Post</p>
<div class="print-qrcode" data-location="${URL_2026}">
</div>
</div>
${post.body}    </section>
<p class="attrgroup"><span class="otherpostings"><a href="/search">more ads by this seller</a></span></p>
<div class="postinginfos"><p class="postinginfo">post id: 7966144398</p>
<p class="postinginfo reveal">posted: <time class="date timeago" datetime="${post.posted}">then</time></p></div>
</body></html>`,
    post.url ?? URL_2026,
  );
}
