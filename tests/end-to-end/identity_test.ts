/** A made population of cars and listings: which are joined, and that each join can be taken back. */
import assert from "node:assert/strict";
import { runPopulation } from "../../bench/population_run.ts";

const CARS = 500;
const LISTINGS = 1125;

Deno.test("cars that are offered on many sites", async (t) => {
  const run = await runPopulation(CARS, LISTINGS, 13);
  const { verdict, population } = run;

  await t.step("are never joined with another car", () => {
    const cars = (urls: string[]) =>
      urls.map((url) => JSON.stringify(population.listings.find((it) => it.url === url)));
    assert.deepEqual(verdict.wrong.map(cars), []);
  });

  await t.step("are one vehicle where it is proved, in 98 of 100", () => {
    assert.ok(verdict.provable > LISTINGS / 5, `${verdict.provable}`);
    assert.ok(
      verdict.provableJoined >= 0.98 * verdict.provable,
      `${verdict.provableJoined} of ${verdict.provable}: ${
        JSON.stringify(verdict.missed, null, 1)
      }`,
    );
  });

  await t.step("are as if they had never been joined, when all joins are taken back", () => {
    assert.ok(run.undone.length >= verdict.provableJoined);
    assert.deepEqual(run.different, []);
  });
});
