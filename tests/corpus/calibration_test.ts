import assert from "node:assert/strict";
import type { FieldName } from "../../supabase/functions/_shared/domain/fact.ts";
import { batPage } from "../../supabase/functions/_shared/sources/bringatrailer/testing/page.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { knownMake } from "../../supabase/functions/_shared/vehicle/makes.ts";
import { calibrationTable, judge, type Judged } from "./calibration.ts";
import { judgedTruth, missingTruth } from "./calibration_truth.ts";
import type { Row } from "./csv.ts";
import { corpusDir, corpusTest } from "./folder.ts";
import { type Labelled, labelled, resultRows } from "./labels.ts";

/** The least confidence of a fact that is right 99 times in 100. */
const SURE = 0.9;

const sure = (judged: readonly Judged[]) => judged.filter(({ confidence }) => confidence > SURE);
const wrong = (judged: readonly Judged[]) =>
  judged.filter(({ right }) => !right).map(({ shown }) => shown);

/** Asserts what a confidence above 0.9 must mean, and shows the table. */
function assertSure(name: string, judged: readonly Judged[]): void {
  console.log(
    `${name}\n${calibrationTable(judged)}\n${
      wrong(judged).map((one) => `  wrong: ${one}`).join("\n")
    }`,
  );
  const above = sure(judged);
  const bad = wrong(above);
  assert.ok(
    bad.length <= above.length / 100,
    `${bad.length} of ${above.length}: ${bad.join("; ")}`,
  );
}

/** Asserts that of what is right at least 90 in 100 are said to be sure, missing ones included. */
function assertSaid(
  judged: readonly Judged[],
  missing: number,
  fields: readonly FieldName[],
): void {
  const right = judged.filter(({ field, right }) => right && fields.includes(field));
  const said = sure(right).length;
  const low = right.filter(({ confidence }) => confidence <= SURE).map(({ shown }) => shown);
  console.log(`${fields.join(", ")}: ${said} of ${right.length} right ones above ${SURE}`);
  assert.ok(
    said >= 0.9 * (right.length + missing),
    `${said} of ${right.length}: ${low.join("; ")}`,
  );
}

const IDENTITY = ["vin"] as const;
const PRICES = ["sale_price", "high_bid", "asking_price"] as const;
const OUTCOMES = ["sale_status"] as const;

corpusTest(
  "on the pages that a person read, facts above 0.9 are right 99 times in 100",
  async () => {
    const judged = await judgedTruth(corpusDir);
    assertSure("pages", judged);
    for (const fields of [IDENTITY, PRICES, OUTCOMES]) {
      assertSaid(judged, await missingTruth(corpusDir, fields), fields);
    }
  },
);

/** A page of the site with what a row states of the vehicle; not of its sale, which proves nothing. */
function pageOf(row: Row, details: readonly string[]) {
  return batPage({
    title: row.title ?? "",
    head: `${row.title} for sale on BaT Auctions`,
    groups: { Make: row.make ?? "", Model: row.model ?? "", Era: row.era ?? "" },
    details: [...details],
    excerpt: "",
  });
}

function judgeRow(row: Row, label: Labelled): Judged[] {
  const read = extract(pageOf(row, label.details));
  const where = `row ${label.id} "${label.title}"`;
  const line = (kind: string) => label.details.find((_, at) => label.kinds[at] === kind) ?? "";
  const same = (value: string, text: string) => {
    const plain = (words: string) => words.toLowerCase().replace(/[^a-z\d]+/g, "");
    return text !== "" && plain(text).includes(plain(value));
  };
  const described = (["engine", "transmission", "color", "interior_color"] as const).flatMap((
    field,
  ) => judge(read, field, (value) => same(value, line(field)), where));
  return [
    ...described,
    ...judge(read, "year", (value) => value === label.year, where),
    ...judge(read, "make", (value) => value === label.make, where),
    ...judge(read, "model", (value) => same(label.model ?? "?", value), where),
    ...judge(read, "vin", (value) => same(value, line("chassis")), where),
    ...judge(read, "mileage", (value) => milesIn(line("mileage")).includes(value), where),
  ];
}

/** The numbers of a line in miles, as they are written or times a thousand. */
function milesIn(line: string): number[] {
  const figures = line.matchAll(/(\d[\d,]*)(k)?/gi);
  return [...figures].map(([, digits = "", k]) =>
    Number(digits.replaceAll(",", "")) * (k === undefined ? 1 : 1_000)
  );
}

corpusTest("on labelled rows of results, facts above 0.9 are right 99 times in 100", async () => {
  const rows = await resultRows(corpusDir);
  const judged = (await labelled(rows)).filter((one) => one.isVehicle)
    .flatMap((label) => judgeRow(rows[label.id] ?? {}, label));
  assertSure("labelled rows", judged);
  assertSaid(judged, 0, IDENTITY);
});

corpusTest(
  "makes and years above 0.9 are those under which the site files the vehicle",
  async () => {
    const rows = await resultRows(corpusDir);
    const judged = rows.flatMap((row, id) => {
      const details = [1, 2, 3, 4, 5].map((at) => row[`listingDetail${at}`] ?? "");
      if (!details.some((line) => line.startsWith("Chassis: "))) return [];
      const read = extract(pageOf({ ...row, make: "", era: "" }, details));
      const filed = knownMake(row.make ?? "") ?? row.make;
      return [
        ...judge(read, "make", (make) => make === filed, `row ${id} "${row.title}"`),
        ...judge(read, "year", (year) => `${Math.floor(year / 10)}0s` === row.era, `row ${id}`),
      ];
    });
    assert.ok(judged.length > 8_000);
    console.log(calibrationTable(judged));
    const bad = wrong(sure(judged));
    // The site files two makers of a hundred elsewhere than their title says: a Ram under Dodge.
    assert.ok(
      bad.length <= 0.02 * sure(judged).length,
      `${bad.length}: ${bad.slice(0, 20).join("; ")}`,
    );
  },
);
