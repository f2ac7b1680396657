import type { Book } from "./books.ts";
import type { Chance } from "./chance.ts";

/** Pages as the web's large book shops write them: nested, noisy, each in its own way. */
export type LargeShop = (book: Book, related: readonly Book[], chance: Chance) => string;

const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );
const parts = (iso: string) => iso.split("-").map(Number) as [number, number, number];
const american = (iso: string) => {
  const [year, month, day] = parts(iso);
  return `${MONTHS[month - 1]} ${day}, ${year}`;
};
const british = (iso: string) => {
  const [year, month, day] = parts(iso);
  return `${String(day).padStart(2, "0")} ${MONTHS[month - 1]?.slice(0, 3)} ${year}`;
};
const slashed = (iso: string) => {
  const [year, month, day] = parts(iso);
  return `${String(day).padStart(2, "0")}/${String(month).padStart(2, "0")}/${year}`;
};
const escaped = (text: string) => text.replaceAll("&", "&amp;");
const isbn10 = (isbn: string) => {
  const digits = isbn.slice(3, 12);
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
  const check = (11 - sum % 11) % 11;
  return digits + (check === 10 ? "X" : check);
};
const pick = (chance: Chance, texts: readonly string[]) => chance.of(texts);

/** Labels with marks of direction, sums in pieces, the date within the publisher's line. */
const warehouse: LargeShop = (book, related, chance) => {
  const price = book.price.toFixed(2);
  const [whole, cents] = price.split(".");
  const sum = (offscreen: string) =>
    `<span class="a-price" data-a-color="base"><span class="a-offscreen">$${offscreen}</span><span aria-hidden="true"><span class="a-price-symbol">$</span><span class="a-price-whole">${whole}<span class="a-price-decimal">.</span></span><span class="a-price-fraction">${cents}</span></span></span>`;
  const bullet = (label: string, value: string) =>
    `<li><span class="a-list-item"> <span class="a-text-bold">${label}
                                    &rlm;
                                        :
                                    &lrm;
                                </span> <span>${value}</span> </span></li>`;
  const rating = `<span class="a-icon-alt">${
    3 + chance.below(20) / 10
  } out of 5 stars</span> <span id="acrCustomerReviewText" class="a-size-base">${
    chance.below(9_000)
  } ratings</span>`;
  const carousel = related.map((one) =>
    `<li class="a-carousel-card"><a href="/dp/${
      isbn10(one.isbn)
    }"><span><div class="p13n-sc-truncate">${
      escaped(one.title)
    }</div></span></a><div class="a-row a-size-small">${
      escaped(one.author)
    }</div><div class="a-row">${rating}</div><span class="a-price"><span class="a-offscreen">$${
      one.price.toFixed(2)
    }</span></span></li>`
  ).join("");
  return `<html><head><title>${escaped(book.title)}: ${
    escaped(book.author)
  }: ${book.isbn}: Warehouse.com: Books</title><meta name="description" content="${
    escaped(book.title)
  } [${escaped(book.author)}] on Warehouse.com. *FREE* shipping on qualifying offers."></head><body>
<div id="nav-belt"><a href="/">Deliver to</a><span id="nav-cart-count">${
    chance.below(9)
  }</span></div>
<div id="dp"><h1 id="title" class="a-spacing-none"><span id="productTitle" class="a-size-extra-large">  ${
    escaped(book.title)
  }   </span> <span id="productSubtitle" class="a-size-large a-color-secondary">${
    pick(chance, ["Paperback", "Hardcover"])
  } – ${american(book.date)}</span></h1>
<div id="bylineInfo">by <span class="author notFaded"><a class="a-link-normal" href="/s?a=1">${
    escaped(book.author)
  }</a> <span class="contribution"><span class="a-color-secondary">(Author)</span></span></span></div>${rating}
<div id="tmmSwatches"><ul><li><span>Kindle</span> <span class="slot-price">$${
    (book.price * 0.7).toFixed(2)
  }</span></li><li><span>Paperback</span> <span class="slot-price">$${price}</span></li></ul></div>
<div id="corePrice_feature_div">${sum(price)}</div>${
    chance.is(0.5)
      ? `<span class="a-size-small">List Price: <span class="a-text-strike">$${
        (book.price * 1.2).toFixed(2)
      }</span></span>`
      : ""
  }
<div id="availability"><span>${pick(chance, ["In Stock", "Only 3 left in stock"])}</span></div>
<div id="similarities"><h2>Products related to this item</h2><ol>${carousel}</ol></div>
<div id="detailBullets_feature_div"><ul>${
    bullet("Publisher", `${escaped(book.publisher)} (${american(book.date)})`)
  }${bullet("Language", "English")}${
    book.pages === null ? "" : bullet(pick(chance, ["Paperback"]), `${book.pages} pages`)
  }${bullet("ISBN-10", isbn10(book.isbn))}${
    bullet("ISBN-13", `${book.isbn.slice(0, 3)}-${book.isbn.slice(3)}`)
  }${
    chance.is(0.7) ? bullet("Item Weight", `${chance.below(30)}.${chance.below(9)} ounces`) : ""
  }</ul></div></div></body></html>`;
};

/** Tabs and a table of details; the author under the title; a sale price beside the old one. */
const nobles: LargeShop = (book, related, chance) => {
  const row = (label: string, value: string) =>
    `<tr>\n<th scope="row">${label}</th>\n<td>${value}</td>\n</tr>`;
  const rows = [
    row("ISBN-13:", book.isbn),
    row("Publisher:", `<a href="/p"><span>${escaped(book.publisher)}</span></a>`),
    row("Publication date:", slashed(book.date)),
    ...(chance.is(0.4) ? [row("Edition description:", pick(chance, ["Reprint", "New"]))] : []),
    ...(book.series === null ? [] : [row("Series:", `<a href="/s">${book.series}</a>`)]),
    ...(book.pages === null ? [] : [row("Pages:", String(book.pages))]),
    row(
      "Product dimensions:",
      `${chance.below(9)}.${chance.below(9)}0(w) x ${chance.below(9)}.20(h) x 1.10(d)`,
    ),
  ];
  const sale = chance.is(0.6);
  return `<html><head><title>${escaped(book.title)} by ${escaped(book.author)}, ${
    pick(chance, ["Paperback", "Hardcover"])
  } | Nobles®</title><meta property="og:title" content="${escaped(book.title)}"></head><body>
<header><span class="count">${
    chance.below(9)
  }</span></header><main><header id="prodSummary-header"><h1 class="pdp-header-title text-lg-left">${
    escaped(book.title)
  }</h1><div class="pdp-header-info"><span class="contributors">by <span id="key-contributors"><a href="/b/c">${
    escaped(book.author)
  }</a></span></span></div></header>
<section id="prodPromo"><div class="format-views">${
    sale
      ? `<span class="current-price">$${
        book.price.toFixed(2)
      }</span> <del><span class="sr-only">Original price was $${
        (book.price * 1.3).toFixed(2)
      }</span> <span aria-hidden="true">$${(book.price * 1.3).toFixed(2)}</span></del>`
      : `<span class="current-price">$${book.price.toFixed(2)}</span>`
  }</div></section>
<div class="overview"><h2>Overview</h2><p>${escaped(related[0]?.title ?? "It")} was praised; ${
    escaped(book.author)
  } follows it with this. ${"A fine book. ".repeat(chance.below(12))}</p></div>
<h2>Product Details</h2><table class="plain centered"><tbody>${rows.join("\n")}</tbody></table>
<section class="also"><h2>Customers Who Bought This Item Also Bought</h2>${
    related.map((one) =>
      `<div class="product-shelf-tile"><div class="product-shelf-title"><a href="#">${
        escaped(one.title)
      }</a></div><div class="product-shelf-author">by ${
        escaped(one.author)
      }</div><div class="product-shelf-pricing"><span class="current"><a>$${
        one.price.toFixed(2)
      }</a></span></div></div>`
    ).join("")
  }</section></main></body></html>`;
};

/** Labels in bold within paragraphs, microdata, a sum in two languages of tags. */
const stones: LargeShop = (book, related, chance) => {
  const line = (label: string, value: string) =>
    `<p class="spec"><strong>${label}:</strong> ${value}</p>`;
  return `<html><head><title>${escaped(book.title)} by ${
    escaped(book.author)
  } | Stones</title></head><body><div class="basket">£${chance.below(90)}.00</div>
<div class="book-detail" itemscope itemtype="http://schema.org/Book"><h1 class="title"><span id="scope_book_title" itemprop="name">${
    escaped(book.title)
  }</span> <span class="book-title-format">(${pick(chance, ["Paperback", "Hardback"])})</span></h1>
<span class="contributors">${
    chance.is(0.2) ? "<b>Signed</b> " : ""
  }<a class="text-gold" href="/author/x"><b itemprop="author">${
    escaped(book.author)
  }</b></a> <span>(author)</span></span>
<div class="book-price-container"><div class="price-layout">${
    chance.is(0.5) ? `<b class="price-rrp">£${(book.price * 1.25).toFixed(2)}</b> ` : ""
  }<b itemprop="price">£${book.price.toFixed(2)}</b></div></div>
<div class="tabs"><div id="product-details">${
    line("Publisher", `<span itemprop="publisher">${escaped(book.publisher)}</span>`)
  }
<p class="spec"><i class="isbn">ISBN:</i> <span itemprop="isbn">${book.isbn}</span></p>${
    book.pages === null
      ? ""
      : line("Number of pages", `<span itemprop="numberOfPages">${book.pages}</span>`)
  }${
    line("Published", `<meta itemprop="datePublished" content="${book.date}">${british(book.date)}`)
  }
<p>Dimensions: ${chance.below(300)} x ${chance.below(200)} x 20 mm</p></div></div></div>
<div class="recommended">${
    related.map((one) =>
      `<div class="book-preview"><a class="title link-invert" href="#">${
        escaped(one.title)
      }</a><span class="author"><a href="#"><b>${
        escaped(one.author)
      }</b></a></span><span class="price">£${one.price.toFixed(2)}</span></div>`
    ).join("")
  }</div></body></html>`;
};

export const LARGE_SHOPS: readonly LargeShop[] = [warehouse, nobles, stones];
