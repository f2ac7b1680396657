import assert from "node:assert/strict";
import { readListingUrl } from "./listing_url.ts";

const LISTING = "https://bringatrailer.com/listing/1973-porsche-911-12/";

Deno.test("every spelling of a listing's address is the same listing", () => {
  for (
    const spelling of [
      LISTING,
      "http://bringatrailer.com/listing/1973-porsche-911-12/",
      "https://www.bringatrailer.com/listing/1973-porsche-911-12",
      "HTTPS://BringATrailer.COM/listing/1973-porsche-911-12/",
      "https://bringatrailer.com/Listing/1973-Porsche-911-12/",
      "https://bringatrailer.com:443/listing/1973-porsche-911-12/",
      "https://bringatrailer.com./listing/1973-porsche-911-12/",
      "https://bringatrailer.com/listing/1973-porsche-911-12/?utm_source=dm&fbclid=x#comment-5",
      "  https://bringatrailer.com/listing/1973-porsche-911-12/\n",
    ]
  ) assert.deepEqual(readListingUrl(spelling), { url: LISTING }, spelling);
});

Deno.test("what is no listing of Bring a Trailer is refused with the reason", () => {
  const refused: [string, RegExp][] = [
    ["1973 Porsche", /not a URL/],
    ["", /not a URL/],
    ["ftp://bringatrailer.com/listing/x/", /not an http/],
    ["javascript:alert(1)", /not an http/],
    ["https://user:word@bringatrailer.com/listing/x/", /user name or password/],
    ["https://bringatrailer.com.evil.example/listing/x/", /but on bringatrailer\.com\.evil/],
    ["https://notbringatrailer.com/listing/x/", /but on notbringatrailer/],
    ["https://bringatrailer.com:8080/listing/x/", /but on bringatrailer\.com:8080/],
    ["https://bringatrailer.com/", /not the address of a listing/],
    ["https://bringatrailer.com/listing/", /not the address of a listing/],
    ["https://bringatrailer.com/listing/x/y/", /not the address of a listing/],
    ["https://bringatrailer.com/auctions/results/", /not the address of a listing/],
    ["https://bringatrailer.com/listing/../member/x/", /not the address of a listing/],
  ];
  for (const [text, why] of refused) {
    const read = readListingUrl(text);
    assert.ok("why" in read, text);
    assert.match(read.why, why, text);
  }
});
