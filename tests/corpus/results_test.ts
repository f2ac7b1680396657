import assert from "node:assert/strict";
import { whatIsSold } from "../../supabase/functions/_shared/extraction/non_vehicle.ts";
import { readListingLines } from "../../supabase/functions/_shared/vehicle/listing_lines.ts";
import { knownMake } from "../../supabase/functions/_shared/vehicle/makes.ts";
import { parseTitle } from "../../supabase/functions/_shared/vehicle/title.ts";
import { readVin } from "../../supabase/functions/_shared/vehicle/vin.ts";
import { fiveDetails, type Row } from "./csv.ts";
import { corpusDir, corpusTest } from "./folder.ts";
import { resultRows } from "./labels.ts";

const rows = () => resultRows(corpusDir);
const details = (row: Row) => fiveDetails(row).filter((line) => line !== "");
const isVehicle = (row: Row) =>
  details(row).some((line) => line.startsWith("Chassis: ")) && !row.make?.startsWith("Parts");
/** The site files some vehicles under another maker than the one its title names (a Ram under Dodge). */
const names = (title: string, make: string) =>
  ` ${title.toLowerCase().replace(/-/g, " ")} `.includes(
    ` ${make.toLowerCase().replace(/-/g, " ")} `,
  );

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

corpusTest(
  "99 of 100 titles give the make under which the site files the vehicle, or the one they name",
  async () => {
    const titled = (await rows()).filter(isVehicle)
      .map(({ title = "", make = "" }) => ({ title, make, read: parseTitle(title).make }));
    const right = ({ title, make, read }: typeof titled[number]) =>
      read === (knownMake(make) ?? make) ||
      (read !== null && names(title, read) && !names(title, make));
    assertMost(titled, right, 0.99);
    assertMost(titled, ({ make, read }) => read === (knownMake(make) ?? make), 0.975);
  },
);

corpusTest(
  "98 of 100 rows that the site files as parts are no vehicles, and 99 of 100 others are",
  async () => {
    const sold = (await rows()).map((row) => ({
      title: row.title,
      filed: row.make?.startsWith("Parts") === true,
      numbered: isVehicle(row),
      ...whatIsSold(row.title ?? "", details(row)),
    }));
    assertMost(sold.filter(({ numbered }) => numbered), ({ what }) => what === "vehicle", 0.99);
    const parts = sold.filter(({ filed }) => filed);
    const missed = parts.filter(({ what }) => what === "vehicle");
    assert.ok(parts.length > 250 && missed.length <= parts.length * 0.02, JSON.stringify(missed));
  },
);

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
