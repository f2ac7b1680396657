import assert from "node:assert/strict";
import fc from "fast-check";
import { make, model, pageText, year } from "./testing/arbitraries.ts";
import { parseTitle } from "./title.ts";

const words = (text: string) => text.toLowerCase().replace(/[^\p{L}\d]+/gu, "");

Deno.test("title: any text is read, and what is read stands in it", () => {
  fc.assert(fc.property(pageText, (text) => {
    const read = parseTitle(text);
    if (read.year !== null) {
      assert.ok(read.year >= 1885 && read.year <= 2035);
      assert.ok(text.includes(String(read.year).slice(2)));
    }
    if (read.model !== null) {
      assert.ok(words(text.replaceAll("×", "x")).includes(words(read.model)));
    }
    if (read.make !== null && !read.makeKnown) assert.ok(text.includes(read.make));
  }));
});

Deno.test("title: year, make and model are told apart for every maker known", () => {
  fc.assert(
    fc.property(make, year, model, (make, year, model) => {
      const read = parseTitle(`${year} ${make} ${model}`);
      assert.deepEqual([read.year, read.make, read.model, read.makeKnown], [
        year,
        make,
        model,
        true,
      ]);
    }),
    { numRuns: 500 },
  );
});

Deno.test("title: what sellers put before the year and behind the model changes nothing", () => {
  const before = fc.constantFrom(
    "No Reserve: ",
    "36k-Mile ",
    "31-Years-Owned ",
    "Euro ",
    "1,100-Mile ",
  );
  const behind = fc.constantFrom(" 5-Speed", " Project", " w/Trailer", " Six-Speed Manual");
  fc.assert(fc.property(make, year, model, before, behind, (make, year, model, before, behind) => {
    const read = parseTitle(`${before}${year} ${make} ${model}${behind}`);
    assert.deepEqual([read.year, read.make, read.model], [year, make, model]);
    assert.equal(read.before, before.trim());
    assert.equal(read.after, behind.trim());
  }));
});
