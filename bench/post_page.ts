/** A post in the layout of Craigslist, 20 to 35 KB, most of it what stands around every post. */
import type { HostProfile } from "../demo/site/hosts.ts";
import type { Listing } from "../demo/site/listing.ts";
import { escapeHtml } from "../demo/site/markup/text.ts";
import { randomOf } from "../demo/site/random.ts";

const FIRST_NUMBER = 7_400_000_000;
const IMAGES = "https://images.craigslist.org";

/** The site of the posts, as the listings of the demo are drawn for one; the demo does not offer it. */
export const POSTS_HOST: HostProfile = {
  host: "greenville.craigslist.org",
  markup: "labelled", // drawn as any classified; `postPage` writes it
  listings: 0,
  firstNumber: FIRST_NUMBER,
  path: (slug, index) => `/gsp/cto/d/${slug}/${FIRST_NUMBER + index}.html`,
  imageUrl: (slug, index, picture) => `${IMAGES}/${slug}-${index}-${picture}_600x450.jpg`,
  robots: null,
};

const repeat = (count: number, part: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => part(n)).join("\n");

const STYLE = repeat(70, (n) =>
  `        .posting .part-${n},
        .unsupported .part-${n} {
            display: ${n % 3 === 0 ? "none" : "block"};
            margin: ${n % 7}px 0;
        }
`);

const SCRIPTS = repeat(4, (n) =>
  `<script type="text/javascript">
    window.cl.init('https://www.craigslist.org/static/www/', 'part-${n}', ${
    JSON.stringify(Object.fromEntries(Array.from({ length: 18 }, (_, i) => [
      `phrase_${n}_${i}`,
      `There was an error in part ${i}; please try it again, or later.`,
    ])))
  });
</script>`);

const HEADER = repeat(24, (n) =>
  `<div class="action part-${n}">
    <div class="do-${n}" role="button" title="do this with the posting">
        <div class="icon icon-${n}" aria-hidden="true"></div>
        <div class="action-label"><a href="https://www.craigslist.org/about/${n}">part ${n}</a></div>
    </div>
</div>`);

/** What a seller tells beside the form: the paragraphs of the listing, and some more of no fact. */
function textOf(listing: Listing): string {
  const random = randomOf("post", listing.index);
  const more = Array.from({ length: random.int(8, 60) }, () =>
    random.pick([
      "Please read the whole post before you write.",
      "I can show it in the evening or at the weekend.",
      "The pictures were taken last week, in daylight.",
      "No trades, and no messages that only ask whether it is still here.",
      "It has been a good companion and deserves a dry place.",
    ]));
  return [...listing.paragraphs, ...more].map(escapeHtml).join("<br>\n<br>\n");
}

/** The page of a post: what its listing states of a car, in the site's form of label and value. */
export function postPage(listing: Listing): string {
  const { car } = listing;
  const title = escapeHtml(listing.title);
  const [, city = listing.town, region = ""] = /^(.+), (.+) \d{5}$/.exec(listing.town) ?? [];
  const rows: [string, string | null][] = [
    ["VIN", car.vin],
    ["condition", "good"],
    ["odometer", car.miles === null ? null : String(car.miles)],
    ["paint color", car.paint.name.toLowerCase()],
    ["title status", "clean"],
    ["transmission", /manual|speed manual/i.test(car.gearbox) ? "manual" : "automatic"],
  ];
  const pictures = listing.images.map(({ url }, n) => ({
    shortid: String(n),
    url,
    thumb: url.replace("600x450", "50x50c"),
    imgid: `3:${n}`,
  }));
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="UTF-8">
<meta property="og:site_name" content="craigslist">
<meta property="og:title" content="${title} - cars &amp; trucks - by owner">
<meta name="geo.placename" content="${escapeHtml(city)}">
<meta name="geo.region" content="US-SC">
<title>${title} - cars &amp; trucks - by owner - vehicle automotive sale</title>
<link rel="canonical" href="${listing.url}">
<script type="application/ld+json" id="ld_breadcrumb_data">{"itemListElement":[{"item":{"name":"cars+trucks","@id":"https://greenville.craigslist.org/d/cars-trucks/search/cto"}}]}</script>
<style type="text/css">
${STYLE}
</style>
</head>
<body class="posting">
<header class="dateReplyBar">
${HEADER}
<p id="display-date" class="postinginfo reveal">Posted <time class="date timeago" datetime="2026-10-30T10:13:15-0400">2026-10-30 10:13</time></p>
</header>
<h1 class="postingtitle"><span class="postingtitletext">
<span id="titletextonly">${title}</span> - <span class="price">$${
    (listing.askingPrice ?? 0).toLocaleString("en-US")
  }</span><small> (${escapeHtml(`${city} ${region}`.trim())})</small>    </span></h1>
<section class="userbody">
<div class="swipe-wrap">
${repeat(18, (n) => `<div id="${n}_image" data-imgid="${n}" class="slide"></div>`)}
</div>
<div id="thumbs">${
    pictures.map(({ url, thumb }) => `<a class="thumb" href="${url}"><img src="${thumb}"></a>`)
      .join("")
  }</div>
<script type="text/javascript"><!--
var imgList = ${JSON.stringify(pictures)};
--></script>
<div class="mapAndAttrs"><p class="attrgroup"><span><b>${car.year} ${escapeHtml(car.make)} ${
    escapeHtml(car.model)
  }</b></span><br></p>
<p class="attrgroup">${
    rows.filter(([, value]) => value !== null)
      .map(([label, value]) => `<span>${label}: <b>${escapeHtml(value ?? "")}</b></span>`)
      .join("<br>\n")
  }</p></div>
<section id="postingbody">
${textOf(listing)}    </section>
<div class="postinginfos"><p class="postinginfo">post id: ${FIRST_NUMBER + listing.index}</p></div>
</section>
${SCRIPTS}
</body>
</html>
`;
}
