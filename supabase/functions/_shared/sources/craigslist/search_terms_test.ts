import assert from "node:assert/strict";
import { withoutSearchWords } from "./search_terms.ts";

Deno.test("lines that are there for searches only are left out", () => {
  const own = "2015 Camry LE with only 52000 miles.";
  assert.equal(withoutSearchWords(`${own}\nSubaru Honda Toyota acura wagon awd jeep truck`), own);
  assert.equal(
    withoutSearchWords(`${own}\n2018* Ford* F-150* 2018_Ford_F-150_ *Ford* *F-150* *Raptor*`),
    own,
  );
  assert.equal(withoutSearchWords("Nice. Compare to Ford Explorer").trim(), "Nice.");
  assert.equal(withoutSearchWords(own), own);
});
