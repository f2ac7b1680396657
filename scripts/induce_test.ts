import assert from "node:assert/strict";
import { deno } from "./check/run.ts";

/** Twelve saved pages of a made-up shop and what is known of the first eight. */
async function makeFolder(): Promise<string> {
  const directory = await Deno.makeTempDir();
  const lines: string[] = [];
  for (let at = 0; at < 12; at++) {
    const file = `${at}.html`;
    const html = `<h1>Book ${at}</h1><dl><dt>Price:<dd>${at + 3},50 €<dt>Shelf<dd>A</dl>`;
    await Deno.writeTextFile(`${directory}/${file}`, html);
    const facts = { title: `Book ${at}`, price: at + 3.5, shelf: "A" };
    if (at < 8) lines.push(JSON.stringify({ file, facts }));
  }
  await Deno.writeTextFile(`${directory}/facts.jsonl`, lines.join("\n"));
  return directory;
}

async function withFolder(run: (directory: string, facts: string) => Promise<void>): Promise<void> {
  const directory = await makeFolder();
  try {
    await run(directory, `${directory}/facts.jsonl`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("induce shows each field's rules, and why a field was given up", () =>
  withFolder(async (directory, facts) => {
    const { code, stdout, stderr } = await deno("task", "-q", "induce", directory, facts);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /template 1: 8 pages/);
    assert.match(stdout, /price +number +8 +8 +8 +0 +0\.\d\d +label "price" before/);
    assert.match(stdout, /shelf .*given up: one value on all pages/);
  }));

Deno.test("induce --apply reads a directory, a line a page", () =>
  withFolder(async (directory, facts) => {
    const args = [directory, facts, "--apply", directory, "--json", "--type", "price=money"];
    const { code, stdout, stderr } = await deno("task", "-q", "induce", ...args);
    assert.equal(code, 0, stderr);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, 12);
    const last = lines.find(({ file }) => file === "11.html");
    assert.equal(last.facts.price.value, 14.5);
    assert.equal(last.facts.title.value, "Book 11");
    assert.deepEqual(Object.keys(last.facts.price), ["value", "confidence", "rule"]);
    assert.ok(!("shelf" in last.facts));
  }));

Deno.test("induce says which line of the facts is wrong, and ends with 2", () =>
  withFolder(async (directory, facts) => {
    await Deno.writeTextFile(facts, `{"file": "0.html", "facts": {}}\n{"file": 7}`);
    const { code, stderr } = await deno("task", "-q", "induce", directory, facts);
    assert.equal(code, 2);
    assert.match(stderr, /facts\.jsonl, line 2: file/);
  }));
