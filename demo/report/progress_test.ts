import { strict as assert } from "node:assert";
import type { Status } from "../driver/status.ts";
import { progressLine } from "./progress.ts";

const status: Status = {
  due: 10,
  leased: 5,
  waiting: 5,
  live: 2,
  complete: 60,
  exhausted: 10,
  ended: 5,
  failed: 3,
  imagesDue: 0,
  imagesWaiting: 0,
  imagesStored: 140,
};

Deno.test("progress tells how many vehicles are at rest, and what the others do", () => {
  const line = progressLine(status, 6.25);
  assert.match(
    line,
    /80 of 100 at rest · complete 60 · waiting 5 · images 140 · 6\.[23] s$/,
  );
  assert.match(progressLine(status, 1, "looked at"), /85 of 100 looked at/);
});

Deno.test("the line fits 80 columns, with a thousand vehicles too", () => {
  for (const factor of [0, 1, 4, 10]) {
    const much = Object.fromEntries(
      Object.entries(status).map(([name, count]) => [name, factor * count]),
    ) as unknown as Status;
    for (const seconds of [0, 44.9, 999.9]) {
      assert.ok([...progressLine(much, seconds, "looked at")].length < 80);
    }
  }
  assert.match(progressLine(status, 44.9), /▕█+ *▏/);
});
