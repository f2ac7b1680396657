import assert from "node:assert/strict";
import { readListingLines } from "../../supabase/functions/_shared/reading/listing_lines.ts";
import { knownMake } from "../../supabase/functions/_shared/reading/makes.ts";
import { parseTitle } from "../../supabase/functions/_shared/reading/title.ts";
import { readVin } from "../../supabase/functions/_shared/reading/vin.ts";
import { corpusDir, corpusTest } from "./folder.ts";

type Row = Record<string, string>;

/** Rows of a CSV file with a header line; quotes as RFC 4180 has them. */
function readCsv(text: string): Row[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/g;
  for (
    let match = cell.exec(text);
    match !== null && match.index < text.length;
    match = cell.exec(text)
  ) {
    const [, value = "", end] = match;
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  const [names = [], ...lines] = rows;
  return lines.map((line) => Object.fromEntries(names.map((name, at) => [name, line[at] ?? ""])));
}

const rows = async () => readCsv(await Deno.readTextFile(`${corpusDir}/bat-listings.csv`));
const details = (row: Row) =>
  [1, 2, 3, 4, 5].map((at) => row[`listingDetail${at}`]?.trim() ?? "").filter((line) =>
    line !== ""
  );
const isVehicle = (row: Row) =>
  details(row).some((line) => line.startsWith("Chassis: ")) && !row.make?.startsWith("Parts");

/** At least this part of the cases must hold; the rest is shown. */
function assertMost<T>(cases: readonly T[], holds: (one: T) => boolean, part: number): void {
  const failing = cases.filter((one) => !holds(one));
  assert.ok(cases.length > 500, `only ${cases.length} cases`);
  const right = 1 - failing.length / cases.length;
  assert.ok(
    right >= part,
    `${(right * 100).toFixed(2)} % of ${cases.length}: ${JSON.stringify(failing.slice(0, 5))}`,
  );
}

corpusTest("98 of 100 titles give the make under which the site files the vehicle", async () => {
  const titled = (await rows()).filter(isVehicle).filter(({ title }) =>
    parseTitle(title ?? "").year !== null
  )
    .map(({ title = "", make = "" }) => ({ title, make, read: parseTitle(title).make }));
  assertMost(titled, ({ make, read }) => read === (knownMake(make) ?? make), 0.98);
});

corpusTest(
  "the year of a title lies in the decade under which the site files the vehicle",
  async () => {
    const titled = (await rows()).flatMap(({ title = "", era = "" }) => {
      const { year } = parseTitle(title);
      return year === null || !/^\d{4}s$/.test(era) ? [] : [{ title, era, year }];
    });
    assertMost(titled, ({ era, year }) => String(year).slice(0, 3) === era.slice(0, 3), 0.99);
  },
);

corpusTest(
  "99 of 100 American VINs since 1981 pass the check digit and name their year",
  async () => {
    const american = (await rows()).flatMap((row) => {
      const { year } = parseTitle(row.title ?? "");
      const number = details(row).find((line) => /^Chassis: [1-5][A-Z\d]{16}$/.test(line));
      return year === null || year < 1981 || number === undefined ? [] : [{ number, year }];
    });
    assertMost(american, ({ number, year }) => {
      const vin = readVin(number.slice(9), year);
      return vin?.checkDigit === "right" && vin.fitsYear === true;
    }, 0.99);
  },
);

corpusTest(
  "the chassis number of every vehicle is read as it is written, but for slips",
  async () => {
    const numbered = (await rows()).filter(isVehicle).map((row) => ({
      stated: details(row).find((line) => line.startsWith("Chassis: "))?.slice(9).trim() ?? "",
      year: parseTitle(row.title ?? "").year,
    }));
    assertMost(
      numbered,
      ({ stated, year }) => readVin(stated, year)?.vin === stated.toUpperCase(),
      0.995,
    );
  },
);

corpusTest(
  "97 of 100 vehicles' first five details give an engine, 99 of 100 a mileage where miles are named",
  async () => {
    const vehicles = (await rows()).filter(isVehicle).map(details).filter((lines) =>
      lines.length === 5
    );
    assertMost(vehicles, (lines) => readListingLines(lines).engine !== null, 0.97);
    const driven = vehicles.filter((lines) =>
      lines.some((line) => /\d\s?k? (?:miles|kilometers)\b/i.test(line))
    );
    assertMost(driven, (lines) => readListingLines(lines).mileage !== null, 0.99);
  },
);
