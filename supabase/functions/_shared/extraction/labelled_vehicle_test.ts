import assert from "node:assert/strict";
import { labelledValues } from "./labelled_vehicle.ts";

const values = (html: string) => Object.fromEntries(labelledValues(html));

Deno.test("labels and values are paired in whatever elements they stand", () => {
  const read = { year: "1984", make: "Pontiac" };
  assert.deepEqual(
    values("<dl><dt>Year</dt><dd>1984</dd><dt>Make:</dt><dd>Pontiac</dd></dl>"),
    read,
  );
  assert.deepEqual(
    values("<tr><th>Year</th><td>1984</td></tr><tr><th>Make</th><td>Pontiac</td></tr>"),
    read,
  );
  assert.deepEqual(
    values("<li><span>Year:</span><span>1984</span></li><li>Make: Pontiac</li>"),
    read,
  );
});

Deno.test("a figure keeps the unit that stands beside it", () => {
  assert.deepEqual(values("<dt>Kilometerstand</dt><dd><b>67.000</b> <i>km</i></dd>"), {
    mileage: "67.000 km",
  });
});

Deno.test("labels in a row have no values: a table's head, a search's form", () => {
  assert.deepEqual(
    values("<th>Year</th><th>Make</th><th>Model</th><td>2015</td><td>Audi</td><td>TT</td>"),
    {},
  );
  assert.deepEqual(
    values("<label>Make</label><select><option>Audi</option></select><label>Model</label>"),
    {},
  );
});

Deno.test("what is stated twice, differently, and what stands in a box of related vehicles is left out", () => {
  assert.deepEqual(values("<li>Make: Audi</li><li>Year: 2015</li><li>Make: BMW</li>"), {
    year: "2015",
  });
  assert.deepEqual(
    values('<li>Make: Audi</li><div class="related-cars"><li>Year: 2015</li></div>'),
    { make: "Audi" },
  );
});
