import assert from "node:assert/strict";
import { hostOf } from "../../supabase/functions/_shared/domain/host.ts";
import { readListingUrl } from "../../supabase/functions/_shared/sources/bringatrailer/listing_url.ts";
import { sharedStack } from "../support/stack.ts";

const stack = sharedStack({ cron: false });

function test(name: string, run: (sql: Awaited<ReturnType<typeof stack>>["sql"]) => Promise<void>) {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => await run((await stack()).sql),
  });
}

test("the host of an address is the same in SQL and in TypeScript", async (sql) => {
  const addresses = [
    "example.com",
    "WWW.Example.com",
    "www.example.com.",
    "www.www.example.com",
    "example.com..",
    "www.",
    "wwwcars.example",
    "greenville.craigslist.org",
    "user:word@www.example.com:8080",
    "127.0.0.1:54321",
  ].flatMap((host) => [`https://${host}/a/b?c=www.d.example#e`, `http://${host}`]);
  const rows = await sql`
    select url, private.url_host(url) as host from unnest(${addresses}::text[]) as url`;
  assert.deepEqual(
    rows.map(({ url, host }) => [url, host]),
    addresses.map((url) => [url, hostOf(url)]),
  );
  const none = [
    "no address",
    "cars.example/1",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "",
  ];
  const hosts = await sql`
    select coalesce(private.url_host(text), '') as host from unnest(${none}::text[]) as text`;
  assert.deepEqual(hosts.map(({ host }) => host), none.map(() => ""));
  assert.deepEqual(none.map(hostOf), none.map(() => ""));
});

test("a listing of Bring a Trailer is the same in every spelling, in SQL and in TypeScript", async (sql) => {
  const [lower, upper] = ["1990-bmw-m3-42", "1990-BMW-M3-42"];
  const spellings = [
    `https://bringatrailer.com/listing/${lower}/`,
    `http://www.bringatrailer.com/listing/${lower}`,
    `HTTPS://BringATrailer.com./Listing/${upper}/?utm_source=rss#comment-5`,
  ];
  const read = spellings.map(readListingUrl);
  assert.deepEqual(read, spellings.map(() => ({ url: spellings[0] })));
  const rows = await sql`
    select distinct canonical_listing_url(url) as canonical from unnest(${spellings}::text[]) as url`;
  assert.deepEqual(rows.map(({ canonical }) => canonical), [
    `https://bringatrailer.com/listing/${lower}`,
  ]);
});
