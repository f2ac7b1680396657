import assert from "node:assert/strict";
import process from "node:process";
import {
  type Extraction,
  extraction as extractionSchema,
} from "../../supabase/functions/_shared/domain/extraction.ts";
import { FIELD_NAMES, type FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { random } from "./csv.ts";
import { AUCTION_PAGES, corpusDir, corpusTest, MARKET_PAGES, pageOf } from "./folder.ts";

const ROUNDS = 100;
/** Milliseconds of CPU that a damaged page may cost. */
const LONGEST = 500;

function read(body: string, url: string): Extraction {
  const start = process.cpuUsage();
  const extraction = extract(pageOf(body, url, "2026-05-01T00:00:00Z"));
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < LONGEST * 1_000, `${Math.round((user + system) / 1_000)} ms`);
  extractionSchema.parse(extraction);
  if (extraction.auction?.outcome !== "sold") assert.equal(extraction.facts.sale_price, undefined);
  return extraction;
}

/** Fields read surely that differ from what the whole page gives. */
function wrongFields(damaged: Extraction, whole: Extraction): FieldName[] {
  return FIELD_NAMES.filter((field) => {
    const fact = damaged.facts[field];
    return fact !== undefined && fact.confidence > 0.9 && fact.value !== whole.facts[field]?.value;
  });
}

for (const [file, url] of Object.entries({ ...AUCTION_PAGES, ...MARKET_PAGES })) {
  corpusTest(
    `${file}, cut off anywhere, never gives another value than the whole page`,
    async () => {
      const body = await Deno.readTextFile(`${corpusDir}/${file}`);
      const whole = read(body, url);
      const next = random(file.length);
      for (let round = 0; round < ROUNDS; round++) {
        const at = Math.floor(next() * body.length);
        const cut = read(body.slice(0, at), url);
        assert.deepEqual(wrongFields(cut, whole), [], `cut at ${at}`);
        assert.ok((cut.auction?.bid_count ?? 0) <= (whole.auction?.bid_count ?? 0), `cut at ${at}`);
      }
    },
  );

  corpusTest(`${file} with pieces torn out of it is read without an exception`, async () => {
    const body = await Deno.readTextFile(`${corpusDir}/${file}`);
    const whole = read(body, url);
    const next = random(file.length + 1);
    let wrong = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const at = Math.floor(next() * body.length);
      const torn = read(body.slice(0, at) + body.slice(at + Math.floor(next() * 20_000)), url);
      wrong += wrongFields(torn, whole).length;
    }
    assert.ok(wrong <= ROUNDS / 20, `${wrong} sure values changed in ${ROUNDS} torn pages`);
  });

  corpusTest(`${file} with bytes flipped is read without an exception`, async () => {
    const bytes = await Deno.readFile(`${corpusDir}/${file}`);
    const next = random(file.length + 2);
    for (let round = 0; round < ROUNDS; round++) {
      const damaged = bytes.slice();
      for (let flip = 0; flip < 1 + round * 20; flip++) {
        const at = Math.floor(next() * damaged.length);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(next() * 8));
      }
      read(new TextDecoder().decode(damaged), url);
    }
  });
}
