import { benchExtraction } from "./extraction.ts";
import type { Figure } from "./figure.ts";

export const extraction: Figure = {
  name: "extraction",
  about: "CPU of reading one page, against cheerio.load with plain selectors",
  async run(bench) {
    const figures = await benchExtraction();
    if (figures.length === 0) bench.say("skipped: no saved pages at CORPUS_DIR");
    return figures.map(({ page, kilobytes, ours, plain, aim }) => ({
      what: `CPU of ${page.replace(/^.*\//, "")} (${kilobytes} KB)`,
      value: ours,
      unit: "ms",
      better: "less",
      baseline: { name: "cheerio.load, a selector a field", value: plain },
      aim: `${aim} times less`,
    }));
  },
};
