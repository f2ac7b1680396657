import assert from "node:assert/strict";
import fc from "fast-check";
import { dateIn, isoFromSeconds } from "./dates.ts";
import { pageText } from "./testing/arbitraries.ts";

const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );
const day = fc.date({
  min: new Date("1990-01-02"),
  max: new Date("2068-12-31"),
  noInvalidDate: true,
});

Deno.test("dates: all forms of the sites name the same day", () => {
  fc.assert(fc.property(day, (day) => {
    const iso = day.toISOString().slice(0, 10);
    const [year = 0, month = 0, date = 0] = iso.split("-").map(Number);
    const forms = [iso, `${month}/${date}/${year}`, `${MONTHS[month - 1]} ${date}, ${year}`];
    forms.push(`${date} ${MONTHS[month - 1]?.slice(0, 3)} ${year}`);
    if (year >= 2000) forms.push(`on ${month}/${date}/${String(year).slice(2)}`);
    for (const form of forms) assert.equal(dateIn(`Sold ${form} to x`), iso, form);
    assert.equal(isoFromSeconds(day.getTime() / 1_000)?.slice(0, 10), iso);
  }));
});

Deno.test("dates: a day that no calendar has is none", () => {
  const wrong = fc.constantFrom("2/30/2024", "13/1/2024", "2023-02-29", "April 31, 2025", "0/5/26");
  fc.assert(fc.property(wrong, (text) => assert.equal(dateIn(text), null)));
  fc.assert(fc.property(pageText, (text) => {
    const date = dateIn(text);
    if (date !== null) assert.match(date, /^\d{4}-\d{2}-\d{2}$/);
  }));
});
