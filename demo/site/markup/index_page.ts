import type { Catalogue } from "../catalogue.ts";
import type { Corpus } from "../corpus.ts";
import { mirrorUrl } from "../mirror.ts";
import { escapeHtml } from "./text.ts";

const link = (url: string, text: string): string =>
  `<li><a href="${escapeHtml(mirrorUrl("", url))}">${escapeHtml(text)}</a></li>`;

/** The mirror's own first page, for a person who opens it in a browser. */
export function indexPage(catalogue: Catalogue, corpus: Corpus | null): string {
  const lists = corpus
    ? `<ul>${corpus.pages.map((page) => link(page.url, `${page.kind}: ${page.url}`)).join("")}</ul>`
    : Object.entries(catalogue.counts).map(([host, count]) =>
      `<h2>${host} (${count})</h2><ul>${
        Array.from({ length: Math.min(count, 300) }, (_, i) => catalogue.at(host, i))
          .map((listing) => listing ? link(listing.url, listing.title) : "").join("")
      }</ul>`
    ).join("");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Demo sites</title></head>
<body><h1>The outside world of the demo</h1>
<p>These pages stand for real sites: <code>/https/HOST/PATH</code> answers as <code>https://HOST/PATH</code> would.</p>
${lists}</body></html>`;
}
