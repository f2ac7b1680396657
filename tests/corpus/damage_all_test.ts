import assert from "node:assert/strict";
import process from "node:process";
import {
  type Extraction,
  extraction as extractionSchema,
} from "../../supabase/functions/_shared/domain/extraction.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { random } from "./csv.ts";
import { DAMAGES } from "./damage.ts";
import { corpusDir, corpusTest, pageOf } from "./folder.ts";

/** Each page in each way so often: about a thousand damaged pages in all. */
const ROUNDS = Number(Deno.env.get("DAMAGE_ROUNDS") ?? 2);
const SEED = Number(Deno.env.get("DAMAGE_SEED") ?? 1);
/** Milliseconds of CPU that a page may cost; a busy machine and the first pages cost more. */
const LONGEST = 500;
const GOAL = 100;

interface CorpusPage {
  file: string;
  url: string;
  bytes: Uint8Array;
}

/** Every page of the manifest that a browser shows. */
async function pages(): Promise<CorpusPage[]> {
  const lines = (await Deno.readTextFile(`${corpusDir}/MANIFEST.tsv`)).trim().split("\n").slice(1);
  const found: CorpusPage[] = [];
  for (const line of lines) {
    const [file = "", url = ""] = line.split("\t");
    if (!/\.(?:html|xml|json)$/.test(file)) continue;
    const site = URL.canParse(url) ? url : `https://www.${file.split("/")[0]}.com/listing/1/`;
    found.push({ file, url: site, bytes: await Deno.readFile(`${corpusDir}/${file}`) });
  }
  return found;
}

function read(body: string, url: string): { extraction: Extraction; ms: number } {
  const start = process.cpuUsage();
  const extraction = extract(pageOf(body, url, "2026-05-01T00:00:00Z"));
  const { user, system } = process.cpuUsage(start);
  return { extraction, ms: (user + system) / 1_000 };
}

/** The VIN and the prices that an extraction states. */
function claims({ facts, auction }: Extraction): Map<string, string | number> {
  const found = new Map<string, string | number>();
  for (const field of ["vin", "sale_price", "high_bid", "asking_price"] as const) {
    const fact = facts[field];
    if (fact !== undefined) found.set(field, fact.value);
  }
  if (auction?.sale_price != null) found.set("auction's sale price", auction.sale_price);
  if (auction?.high_bid != null) found.set("auction's high bid", auction.high_bid);
  return found;
}

/** Whether a page holds a VIN, or a sum as pages write it: an earlier bid, a car beside. */
function holds(body: string, value: string | number): boolean {
  const text = String(value).replace(/[^\w]/g, "\\$&");
  const written = typeof value === "number" ? text.replace(/\B(?=(?:\d{3})+$)/g, "[,.]?") : text;
  return new RegExp(`(?<!\\d)${written}(?!\\d)`, "i").test(body);
}

for (const [name, damage] of Object.entries(DAMAGES)) {
  corpusTest(
    `every page, ${name}, is read without an exception, in time, and without a VIN or price of its own`,
    async () => {
      const costs: number[] = [];
      const invented: string[] = [];
      const others: string[] = [];
      const next = random(SEED * 1_000 + name.length);
      for (const { file, url, bytes } of await pages()) {
        const body = new TextDecoder().decode(bytes);
        const whole = new Set(claims(read(body, url).extraction).values());
        for (let round = 0; round < ROUNDS; round++) {
          const { extraction, ms } = read(damage(bytes, next), url);
          extractionSchema.parse(extraction);
          costs.push(ms);
          for (const [what, value] of claims(extraction)) {
            if (whole.has(value)) continue;
            const shown = `${file} round ${round}: ${what} ${value}, is ${[...whole]}`;
            if (holds(body, value)) others.push(shown);
            else invented.push(shown);
          }
        }
      }
      costs.sort((one, other) => one - other);
      const at = (part: number) => (costs[Math.floor(part * (costs.length - 1))] ?? 0).toFixed(1);
      const slow = costs.filter((ms) => ms > GOAL).length;
      console.log(
        `${name}: ${costs.length} pages, CPU median ${at(0.5)} ms, 99 % ${at(0.99)} ms, most ${
          at(1)
        } ms, ${slow} above ${GOAL} ms`,
      );
      for (const one of others) console.log(`  another of the page's: ${one}`);
      assert.deepEqual(invented, []);
      assert.ok(others.length <= costs.length / 100, `${others.length} other VINs or prices`);
      assert.ok(Number(at(1)) < LONGEST, `${at(1)} ms`);
    },
  );
}
