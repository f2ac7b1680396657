import assert from "node:assert/strict";
import process from "node:process";
import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";
import type { FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { type AccuracyRow, corpusAccuracy } from "./accuracy.ts";
import { POSTS } from "./craigslist_posts.ts";
import { corpusDir, corpusTest, pageOf } from "./folder.ts";
import { summary } from "./summary.ts";

const truth = async () => (await corpusAccuracy(corpusDir)).filter(({ file }) => file in POSTS);
const shown = ({ file, field, stated, read }: AccuracyRow) =>
  `${file} ${field}: stated ${stated}, read ${read}`;
const share = (rows: readonly AccuracyRow[]) =>
  rows.filter(({ verdict }) => verdict === "right").length / rows.length;

corpusTest("year, make, VIN and price of every post that a person read are right", async () => {
  const rows = (await truth()).filter(({ field }) =>
    ["year", "make", "vin", "asking_price", "outcome"].includes(field)
  );
  assert.equal(new Set(rows.map(({ file }) => file)).size, 13);
  assert.deepEqual(
    rows.filter(({ verdict }) => verdict !== "right" && verdict !== "nothing").map(shown),
    [],
  );
});

corpusTest(
  "of model, mileage, engine, transmission and colour of the posts 97 in 100 are right",
  async () => {
    const rows = await truth();
    for (const field of ["model", "mileage", "engine", "transmission", "exterior_color"]) {
      const stated = rows.filter((row) => row.field === field && row.stated !== null);
      assert.ok(share(stated) >= 0.97, `${field}: ${share(stated)}`);
    }
    assert.deepEqual(rows.filter(({ verdict }) => verdict === "invented").map(shown), []);
  },
);

const read = async (
  file: string,
  url: string,
  damage = (body: string) => body,
): Promise<Extraction> => {
  const body = damage(await Deno.readTextFile(`${corpusDir}/${file}`));
  return extract(pageOf(body, url));
};

corpusTest(
  "every post gives year, make, status and description, and nearly all a model",
  async () => {
    const [missing, modelless]: string[][] = [[], []];
    for (const [file, url] of Object.entries(POSTS)) {
      const { facts } = await read(file, url);
      for (const field of ["year", "make", "sale_status", "seller_name"] as const) {
        if (facts[field] === undefined) missing?.push(`${file} ${field}`);
      }
      if (facts.model === undefined) modelless?.push(file);
    }
    assert.deepEqual(missing, []);
    assert.ok((modelless?.length ?? 0) <= 2, modelless?.join(", "));
  },
);

/** Random numbers that are the same in each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const SURE: readonly FieldName[] = ["year", "make", "vin", "mileage", "asking_price"];

corpusTest("a post cut off anywhere gives nothing, or what the whole post gives", async () => {
  const next = random(20_261_122);
  for (const [file, url] of Object.entries(POSTS)) {
    const whole = await read(file, url);
    for (let round = 0; round < 3; round++) {
      const part = next();
      const cut = await read(file, url, (body) => body.slice(0, Math.floor(part * body.length)));
      for (const field of SURE) {
        const fact = cut.facts[field];
        if (fact !== undefined) {
          assert.equal(fact.value, whole.facts[field]?.value, `${file} at ${part}: ${field}`);
        }
      }
    }
  }
});

corpusTest("damaged posts are read without an exception and in little time", async () => {
  const next = random(7);
  for (const [file, url] of Object.entries(POSTS)) {
    const body = await Deno.readTextFile(`${corpusDir}/${file}`);
    const at = () => Math.floor(next() * body.length);
    const [one, two] = [at(), at()].sort((a, b) => a - b);
    const damaged = [
      body.slice(0, one) + String.fromCharCode(at() % 256) + body.slice((one ?? 0) + 1),
      body.slice(one, two) + body.slice(0, one) + body.slice(two),
      new TextDecoder("utf-16le").decode(new TextEncoder().encode(body)),
    ];
    for (const text of damaged) {
      const start = process.cpuUsage();
      const { outcome, facts } = extract(pageOf(text, url));
      const { user, system } = process.cpuUsage(start);
      assert.ok(user + system < 500_000, `${file}: ${(user + system) / 1_000} ms`);
      if (outcome !== "listing") assert.deepEqual(facts, {});
    }
  }
});

const GOLDEN = new URL("./golden/craigslist.json", import.meta.url);

/** A post's facts on one line: value and confidence by field, then pictures and empty places. */
function line(extraction: Extraction): string {
  const { outcome, facts, images, absent } = summary(extraction) as unknown as {
    outcome: string;
    facts: Record<string, string>;
    images: string;
    absent: string[];
  };
  const said = Object.entries(facts).map(([field, value]) =>
    `${field}: ${value.replace(/ [a-z]+\)$/, ")")}`
  );
  return [outcome, ...said, `images: ${images}`, `absent: ${absent.join(" ")}`].join(" | ");
}

corpusTest("all posts give what they gave, or the adapter's version was raised", async () => {
  const now: Record<string, string> = {};
  let scraper = "";
  for (const [file, url] of Object.entries(POSTS)) {
    const extraction = await read(file, url);
    scraper = `${extraction.scraper.name} ${extraction.scraper.version}`;
    now[file] = line(extraction);
  }
  const before = await Deno.readTextFile(GOLDEN).then(JSON.parse, () => null) as
    | { scraper: string; posts: Record<string, string> }
    | null;
  if (Deno.env.get("UPDATE_GOLDEN") === "1" && before?.scraper !== scraper) {
    return await Deno.writeTextFile(
      GOLDEN,
      JSON.stringify({ scraper, posts: now }, null, 1) + "\n",
    );
  }
  const advice = before?.scraper === scraper
    ? "the adapter's output changed but its version did not: raise it, then UPDATE_GOLDEN=1"
    : "a new version of the adapter: look at what changed, then UPDATE_GOLDEN=1";
  assert.deepEqual({ scraper, posts: now }, before, advice);
});
