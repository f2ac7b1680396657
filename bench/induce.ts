import process from "node:process";
import { apply } from "../supabase/functions/_shared/learning/apply.ts";
import { induce } from "../supabase/functions/_shared/learning/induce.ts";
import { oneLine } from "../supabase/functions/_shared/html/text.ts";
import { POSTS } from "../tests/corpus/craigslist_posts.ts";
import { corpusDir } from "../tests/corpus/folder.ts";
import type { Figure, Row } from "./figure.ts";

type Facts = Record<string, string | number | null>;

/** Posts that are learned from; the rest are read. */
const LEARNED = 20;
const LABELLED = /<span>([a-zA-Z ]+): <b>([^<]*)<\/b>/g;
const FIELDS = [
  ..."condition,cylinders,drive,fuel,odometer,paint color,size,title status".split(","),
  ...["transmission", "type", "VIN"],
];
/** What a prototype gave on the same posts with their labels removed, with anchors, negatives and types. */
const PROTOTYPE = { recall: 0.53, wrong: 0, invented: 38 };

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

function learnAndRead(pages: readonly string[], facts: readonly Facts[]) {
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

export const induction: Figure = {
  name: "induce",
  about:
    "rules learned on 20 Craigslist posts and applied to the rest, with and without their labels",
  async run(bench) {
    const files = Object.keys(POSTS).sort();
    if (files.length === 0) {
      bench.say("skipped: no saved pages at CORPUS_DIR");
      return [];
    }
    const pages = await Promise.all(files.map((file) => Deno.readTextFile(`${corpusDir}/${file}`)));
    const facts = pages.map(factsOf);
    const bare = pages.map((page) => page.replace(LABELLED, "<span><b>$2</b>"));
    return [
      ...rowsOf("with labels", learnAndRead(pages, facts), null),
      ...rowsOf("labels removed", learnAndRead(bare, facts), PROTOTYPE),
    ];
  },
};

function rowsOf(
  pages: string,
  { stated, right, wrong, invented, cpu }: ReturnType<typeof learnAndRead>,
  prototype: typeof PROTOTYPE | null,
): Row[] {
  const beside = (name: keyof typeof PROTOTYPE) =>
    prototype === null ? null : { name: "the prototype", value: prototype[name] };
  return [
    {
      what: `${pages}: recall of ${stated} values`,
      value: right / stated,
      unit: "",
      better: "more",
      baseline: beside("recall"),
    },
    { what: `${pages}: wrong`, value: wrong, unit: "", better: "less", baseline: beside("wrong") },
    {
      what: `${pages}: invented where a field is absent`,
      value: invented,
      unit: "",
      better: "less",
      baseline: beside("invented"),
    },
    {
      what: `${pages}: CPU of learning from ${LEARNED} posts`,
      value: cpu,
      unit: "ms",
      better: "less",
      baseline: null,
      aim: "under 1000 ms",
    },
  ];
}
