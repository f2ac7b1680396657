import { learnAndRead, LEARNED, posts, PROTOTYPE } from "../tests/corpus/induced_posts.ts";
import type { Figure, Row } from "./figure.ts";

export const induction: Figure = {
  name: "induce",
  about:
    "rules learned on 20 Craigslist posts and applied to the rest, with and without their labels",
  async run(bench) {
    const { labelled, bare } = await posts();
    if (labelled.pages.length === 0) {
      bench.say("skipped: no saved pages at CORPUS_DIR");
      return [];
    }
    return [
      ...rowsOf("with labels", learnAndRead(labelled), null),
      ...rowsOf("labels removed", learnAndRead(bare), PROTOTYPE),
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
