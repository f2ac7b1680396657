import assert from "node:assert/strict";
import { whatIsSold } from "../../supabase/functions/_shared/extraction/non_vehicle.ts";
import { lineKind } from "../../supabase/functions/_shared/vehicle/listing_lines.ts";
import { parseTitle } from "../../supabase/functions/_shared/vehicle/title.ts";
import { trimIn } from "../../supabase/functions/_shared/vehicle/title_trim.ts";
import { corpusDir, corpusTest } from "./folder.ts";
import { type Labelled, labelled, resultRows, sampled } from "./labels.ts";

/**
 * Counts how many cases are right, prints the figure with every miss, and asserts the least part.
 * A value that is not given is a miss.
 */
function score<T>(
  name: string,
  cases: readonly T[],
  miss: (one: T) => string | null,
  least: number,
): void {
  const misses = cases.flatMap((one) => miss(one) ?? []);
  const right = cases.length === 0 ? 0 : 1 - misses.length / cases.length;
  const figure = `${name}: ${(100 * right).toFixed(1)} % of ${cases.length}`;
  console.log([figure, ...misses.map((one) => `  ${one}`)].join("\n"));
  assert.ok(right >= least, `${figure}, at least ${100 * least} %`);
}

const sample = async () => {
  const all = await labelled(await resultRows(corpusDir));
  return { all, vehicles: all.filter((one) => one.isVehicle) };
};

corpusTest("the labelled rows are those that the seeds draw", async () => {
  const rows = await resultRows(corpusDir);
  const all = await labelled(rows);
  assert.deepEqual(all.map(({ id }) => id), sampled(rows));
  assert.ok(all.length >= 300);
  assert.ok(all.filter((one) => !one.isVehicle).length >= 60);
});

corpusTest("parts, signs and toys are told from vehicles by title and details alone", async () => {
  const { all, vehicles } = await sample();
  const reason = (one: Labelled) => {
    const { what, why } = whatIsSold(one.title, one.details);
    return (what === "vehicle") === one.isVehicle ? null : `${one.id} "${one.title}": ${why}`;
  };
  score("non-vehicles recognised", all.filter((one) => !one.isVehicle), reason, 0.97);
  score("vehicles recognised", vehicles, reason, 0.99);
});

corpusTest("the make of 99 of 100 vehicles' titles is read right", async () => {
  const { vehicles } = await sample();
  score("make", vehicles, ({ id, title, make }) => {
    const read = parseTitle(title).make;
    return read === make ? null : `${id} "${title}": ${read}, is ${make}`;
  }, 0.99);
});

corpusTest("the year of 99 of 100 vehicles' titles is read right, and none invented", async () => {
  const { vehicles } = await sample();
  score("year", vehicles, ({ id, title, year }) => {
    const read = parseTitle(title).year;
    return read === year ? null : `${id} "${title}": ${read}, is ${year}`;
  }, 0.99);
});

corpusTest("97 of 100 vehicles' titles give the model", async () => {
  const { vehicles } = await sample();
  const words = (text: string) => text.toLowerCase().replace(/[^a-z\d]+/g, "");
  score("model", vehicles.filter(({ model }) => model !== null), ({ id, title, model }) => {
    const read = parseTitle(title).model;
    // People and sites draw the line between model and variant in different places.
    return words(read ?? "").includes(words(model ?? "?")) ? null : `${id} "${title}": ${read}`;
  }, 0.97);
});

corpusTest(
  "of the trims named in titles four in five are read, and few where there is none",
  async () => {
    const { vehicles } = await sample();
    const plain = (text: string) => text.toLowerCase().replace(/[^a-z\d]+/g, "");
    const read = ({ title }: Labelled) => {
      const { make, model } = parseTitle(title);
      return trimIn(make ?? "", model ?? "");
    };
    const alike = (one: string, other: string) =>
      plain(one).includes(plain(other)) || plain(other).includes(plain(one));
    score("trims", vehicles.filter(({ trim }) => trim !== null), (one) => {
      const trim = read(one);
      return trim !== null && alike(trim, one.trim ?? "")
        ? null
        : `${one.id} "${one.title}": ${trim}`;
    }, 0.8);
    score("no trim", vehicles.filter(({ trim }) => trim === null), (one) => {
      const trim = read(one);
      return trim === null ? null : `${one.id} "${one.title}": ${trim}`;
    }, 0.95);
  },
);

corpusTest("98 of 100 listing details are classified right", async () => {
  const { all, vehicles } = await sample();
  const lines = (rows: Labelled[]) =>
    rows.flatMap(({ id, details, kinds }) =>
      details.map((line, at) => ({ id, line, kind: kinds[at] }))
    );
  const miss = ({ id, line, kind }: ReturnType<typeof lines>[number]) =>
    lineKind(line) === kind ? null : `${id} "${line}": ${lineKind(line)}, is ${kind}`;
  score("details of vehicles", lines(vehicles), miss, 0.98);
  score("details of all", lines(all), miss, 0.98);
});
