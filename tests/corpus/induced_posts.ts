/** Posts of Craigslist learned from what they state, with the adapter switched off, and the others read. */
import process from "node:process";
import { oneLine } from "../../supabase/functions/_shared/html/text.ts";
import { apply } from "../../supabase/functions/_shared/learning/apply.ts";
import { induce } from "../../supabase/functions/_shared/learning/induce.ts";
import { POSTS } from "./craigslist_posts.ts";
import { corpusDir } from "./folder.ts";

type Facts = Record<string, string | number | null>;

/** Posts that are learned from; the rest are read. */
export const LEARNED = 20;
const LABELLED = /<span>([a-zA-Z ]+): <b>([^<]*)<\/b>/g;
const FIELDS = [
  ..."condition,cylinders,drive,fuel,odometer,paint color,size,title status".split(","),
  ...["transmission", "type", "VIN"],
];
/** What a prototype gave on the same posts with their labels removed, with anchors, negatives and types. */
export const PROTOTYPE = { recall: 0.53, wrong: 0, invented: 38 };

/** What a post states, by its markup as it was when it was saved. */
function factsOf(html: string): Facts {
  const facts: Facts = Object.fromEntries(FIELDS.map((field) => [field, null]));
  for (const [, field = "", written = ""] of html.matchAll(LABELLED)) {
    const value = oneLine(written);
    if (field in facts) facts[field] = field === "odometer" ? Number(value) : value;
  }
  facts.title = oneLine(/id="titletextonly">([^<]*)/.exec(html)?.[1] ?? "") || null;
  facts.price = oneLine(/class="price">([^<]*)/.exec(html)?.[1] ?? "") || null;
  return facts;
}

/** Learns from the first posts and reads the rest; CPU of learning in milliseconds. */
export function learnAndRead({ pages, facts }: Posts) {
  const before = process.cpuUsage();
  const map = induce(pages.slice(0, LEARNED), facts.slice(0, LEARNED));
  const { user, system } = process.cpuUsage(before);
  const total = { stated: 0, right: 0, wrong: 0, invented: 0, cpu: (user + system) / 1000 };
  for (const [at, page] of pages.entries()) {
    if (at < LEARNED) continue;
    const read = apply(map, page);
    for (const [field, value] of Object.entries(facts[at] ?? {})) {
      const got = read[field]?.value;
      if (value !== null) total.stated++;
      if (got === undefined) continue;
      if (value === null) total.invented++;
      else if (String(got) === String(value)) total.right++;
      else total.wrong++;
    }
  }
  return total;
}

interface Posts {
  pages: string[];
  facts: Facts[];
}

/** The posts as they were saved, and the same without their labels; none where the corpus is absent. */
export async function posts(): Promise<{ labelled: Posts; bare: Posts }> {
  const files = Object.keys(POSTS).sort();
  const pages = await Promise.all(files.map((file) => Deno.readTextFile(`${corpusDir}/${file}`)));
  const facts = pages.map(factsOf);
  const bare = pages.map((page) => page.replace(LABELLED, "<span><b>$2</b>"));
  return { labelled: { pages, facts }, bare: { pages: bare, facts } };
}
