import { STATED_AFTER_ALL } from "../../tests/corpus/accuracy.ts";
import { type CorpusResult, statedAfterAll } from "../corpus_demo.ts";
import { checkLines } from "./result.ts";
import { table } from "./table.ts";

const OUTCOMES = ["ok", "blocked", "not_a_listing", "unreadable"] as const;

function pages(result: CorpusResult): string {
  const kinds = new Map<string, CorpusResult["pages"]>();
  for (const page of result.pages) {
    const site = page.file.split("/")[0] ?? "";
    const words = page.kind.replace(/ \(.*\)| page,/g, "");
    const kind = words.startsWith(site) ? words : `${site}: ${words}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), page]);
  }
  const rows = [...kinds].map(([kind, all]) => {
    const of = (outcome: string) => all.filter((page) => page.outcome === outcome).length;
    const other = all.length - OUTCOMES.reduce((sum, outcome) => sum + of(outcome), 0);
    const facts = all.reduce((sum, page) => sum + page.facts, 0) / all.length;
    const cell = (n: number) => n === 0 ? "" : String(n);
    return [
      kind,
      String(all.length),
      ...OUTCOMES.map((it) => cell(of(it))),
      cell(other),
      facts.toFixed(1),
    ];
  });
  const head = [
    "page",
    "pages",
    "read",
    "blocked",
    "no listing",
    "unreadable",
    "other",
    "facts each",
  ];
  return table([head, ...rows], [1, 2, 3, 4, 5, 6, 7]);
}

function accuracy(result: CorpusResult): string {
  const cell = (n: number) => n === 0 ? "" : String(n);
  const line = (name: string, all: CorpusResult["accuracy"]) => {
    const sum = (verdict: keyof CorpusResult["accuracy"][number]["counts"]) =>
      all.reduce((total, { counts }) => total + counts[verdict], 0);
    const stated = sum("right") + sum("wrong") + sum("missing");
    return [
      name,
      String(stated),
      cell(sum("right")),
      cell(sum("missing")),
      cell(sum("wrong")),
      cell(sum("invented")),
      stated === 0 ? "" : `${(100 * sum("right") / stated).toFixed(0)} %`,
    ];
  };
  return table([
    ["field", "stated", "right", "missing", "wrong", "invented", ""],
    ...result.accuracy.map((row) => line(row.field.replaceAll("_", " "), [row])),
    line("all", result.accuracy),
  ], [1, 2, 3, 4, 5, 6]);
}

/** Right of stated, field by field and site by site; what was read and is not stated stands behind a plus. */
function sites(result: CorpusResult): string {
  const siteOf = (file: string) => file.split("/")[0] ?? "";
  const names = [...new Set(result.values.map(({ file }) => siteOf(file)))];
  const cell = (rows: CorpusResult["values"]) => {
    const stated = rows.filter((row) => row.stated !== null);
    const right = stated.filter((row) => row.verdict === "right").length;
    const invented = rows.filter((row) => row.verdict === "invented").length;
    return (stated.length === 0 ? "" : `${right}/${stated.length}`) +
      (invented === 0 ? "" : ` +${invented}`);
  };
  return table([
    ["right/stated +invented", ...names],
    ...result.accuracy.map(({ field }) => [
      field.replaceAll("_", " "),
      ...names.map((name) =>
        cell(result.values.filter((row) => row.field === field && siteOf(row.file) === name))
      ),
    ]),
  ], names.map((_, i) => i + 1));
}

/** What a person did not see on a page and the page says all the same. */
function afterAll(result: CorpusResult): string {
  const rows = result.values.filter((row) => row.verdict === "invented" && statedAfterAll(row));
  return rows.map((row) =>
    `  ${row.file} ${row.field}: the page says “${STATED_AFTER_ALL[`${row.file} ${row.field}`]}”\n`
  ).join("");
}

/** Pages with a truth that nothing was read from: of sites that have no adapter. */
function unread(result: CorpusResult): string {
  const outcomes = new Map(result.pages.map((page) => [page.file, page.outcome]));
  const rows = result.values.filter((row) => outcomes.get(row.file) !== "ok");
  if (rows.length === 0) return "";
  const missing = rows.filter((row) => row.verdict === "missing").length;
  const sites = new Map<string, Set<string>>();
  for (const { file } of rows) {
    const site = file.split("/")[0] ?? "";
    sites.set(site, (sites.get(site) ?? new Set()).add(file));
  }
  const list = [...sites].map(([site, files]) => `${site} ${files.size}`).join(", ");
  return `
  truth.jsonl has ${
    new Set(rows.map((row) => row.file)).size
  } more pages, of sites that have no adapter (${list}).
  Nothing was read from them: ${missing} values are missing, none is guessed.
`;
}

/** The end of the demo on real pages, as a person reads it. */
export function corpusText(result: CorpusResult): string {
  const outcomes = new Map(result.pages.map((page) => [page.file, page.outcome]));
  const read = new Set(
    result.values.map((row) => row.file).filter((file) => outcomes.get(file) === "ok"),
  );
  return `
${result.pages.length} real pages were looked at in ${result.seconds.toFixed(1)} s

${pages(result)}

What the database holds of ${read.size} pages, against what a person read off them (truth.jsonl)

${accuracy(result)}

${sites(result)}

${afterAll(result)}${unread(result)}
${checkLines(result.checks)}
`;
}
