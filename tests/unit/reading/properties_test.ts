import assert from "node:assert/strict";
import fc from "fast-check";
import { dateIn, isoFromSeconds } from "../../../supabase/functions/_shared/reading/dates.ts";
import {
  lineKind,
  readListingLines,
} from "../../../supabase/functions/_shared/reading/listing_lines.ts";
import { MAKE_NAMES } from "../../../supabase/functions/_shared/reading/make_names.ts";
import {
  isPlaceholderMileage,
  mileageNumber,
  readMileage,
} from "../../../supabase/functions/_shared/reading/mileage.ts";
import { moneyIn, priceOf } from "../../../supabase/functions/_shared/reading/money.ts";
import { thingIn, whatIsSold } from "../../../supabase/functions/_shared/reading/thing.ts";
import { parseTitle } from "../../../supabase/functions/_shared/reading/title.ts";
import {
  checkDigitFits,
  readVin,
  vinsInProse,
} from "../../../supabase/functions/_shared/reading/vin.ts";

const words = (text: string) => text.toLowerCase().replace(/[^\p{L}\d]+/gu, "");
const thousands = (figure: number) => figure.toLocaleString("en-US");

/** Text of a page: letters, figures and the signs that readers look for. */
const pageText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.array(
    fc.constantFrom(
      ..."1988 2002 Ford VW De Tomaso 5-Speed $ 42,000 USD miles k km TMU VIN: 1FTBR10A V8 Paint over"
        .split(
          " ",
        ),
      ..." - – , . ’ \u0000 ( ) 12/31/99 № ß".split(" "),
    ),
    { maxLength: 30 },
  ).map((parts) => parts.join(" ")),
);

const make = fc.constantFrom(...Object.keys(MAKE_NAMES));
const year = fc.integer({ min: 1925, max: 2030 });
const model = fc.constantFrom(
  "GT",
  "Sedan",
  "Turbo S",
  "Custom",
  "Type 55",
  "XR Cabriolet",
  "Roadster",
);

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

Deno.test("thing: a sign, wheels or seats stay what they are for any maker", () => {
  const thing = fc.constantFrom(
    "Neon % Sign",
    "Set of Wheels for %",
    "% Sport Seats",
    "% Go-Kart",
    "% Tool Kit",
  );
  fc.assert(fc.property(make, thing, (make, thing) => {
    const title = thing.replace("%", make);
    assert.notEqual(thingIn(title), null);
    assert.equal(whatIsSold(title, ["Metal Frame", "Black Finish"]).what, "thing");
  }));
});

Deno.test("thing: a vehicle with number and mileage is one, whatever its maker and model", () => {
  fc.assert(fc.property(make, year, model, (make, year, model) => {
    const details = ["Chassis: 85576", "31k Miles", "2.0-Liter Inline-Four"];
    assert.equal(whatIsSold(`${year} ${make} ${model}`, details).what, "vehicle");
  }));
});

const VIN_CHARACTERS = [..."ABCDEFGHJKLMNPRSTUVWXYZ0123456789"];
/** Numbers with a right check digit: of the digits and X one always fits. */
const vin = fc.array(fc.constantFrom(...VIN_CHARACTERS), { minLength: 16, maxLength: 16 })
  .filter((characters) =>
    /\d{5}$/.test(characters.join("")) && /[A-Z].*[A-Z]/.test(characters.join(""))
  )
  .map((characters) => {
    const [head, tail] = [characters.slice(0, 8).join(""), characters.slice(8).join("")];
    const digit = [..."0123456789X"].find((one) => checkDigitFits(`${head}${one}${tail}`));
    return `${head}${digit}${tail}`;
  });

Deno.test("VIN: one with its check digit is read as it is, in any case and with spaces", () => {
  fc.assert(fc.property(vin, fc.boolean(), (vin, lower) => {
    const read = readVin(` ${lower ? vin.toLowerCase() : vin} `, null);
    assert.deepEqual([read?.vin, read?.checkDigit, read?.repaired], [vin, "right", false]);
  }));
});

Deno.test("VIN: a letter O or I for a digit is mended and said to be, never kept", () => {
  fc.assert(fc.property(vin.filter((vin) => /[01]/.test(vin)), (vin) => {
    const slip = vin.replace(/[01]/, (digit) => digit === "0" ? "O" : "I");
    const read = readVin(slip, 2005);
    assert.deepEqual([read?.vin, read?.repaired], [vin, true]);
  }));
});

Deno.test("VIN: no 17 characters read hold a letter that no VIN holds", () => {
  fc.assert(fc.property(pageText, fc.option(year), (text, year) => {
    const read = readVin(text, year);
    if (read?.kind === "vin") assert.match(read.vin, /^[A-HJ-NPR-Z\d]{17}$/);
    for (const { vin } of vinsInProse(text, year)) assert.match(vin, /^[A-HJ-NPR-Z\d]{17}$/);
  }));
});

Deno.test("VIN: prose without figures holds none", () => {
  const prose = fc.array(
    fc.constantFrom(
      ..."the car was repainted in its original colour by Beverly Hills Motorsports of California"
        .split(" "),
    ),
    { maxLength: 40 },
  );
  fc.assert(fc.property(prose, fc.constantFrom(" ", "", "-"), (prose, between) => {
    assert.deepEqual(vinsInProse(prose.join(between), null), []);
  }));
});

Deno.test("mileage: a figure of miles is read as it is, in thousands as thousands", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 999_999 }), (miles) => {
    assert.deepEqual(readMileage(`${thousands(miles)} Miles`), {
      miles,
      rounded: false,
      meaning: "stated",
    });
    assert.equal(readMileage(`${miles} miles shown`)?.meaning, "shown");
    assert.equal(readMileage(`${thousands(miles)} Miles Shown, TMU`)?.meaning, "unknown");
    assert.equal(mileageNumber(thousands(miles)), miles);
  }));
  fc.assert(fc.property(fc.integer({ min: 1, max: 999 }), (k) => {
    assert.deepEqual(readMileage(`${k}k Miles`), {
      miles: k * 1_000,
      rounded: true,
      meaning: "stated",
    });
  }));
});

Deno.test("mileage: kilometres become miles, unless the text gives the miles itself", () => {
  fc.assert(fc.property(fc.integer({ min: 10, max: 999_999 }), (kilometers) => {
    const read = readMileage(`${thousands(kilometers)} Kilometers`)?.miles ?? 0;
    assert.ok(Math.abs(read * 1.609344 - kilometers) <= 1);
    assert.equal(
      readMileage(`${thousands(kilometers)} Kilometers (~${thousands(777)} Miles)`)?.miles,
      777,
    );
  }));
});

Deno.test("mileage: a text without a unit of distance has none, and placeholders are known", () => {
  fc.assert(fc.property(pageText, (text) => {
    if (!/mi|km|kilo/i.test(text)) assert.equal(readMileage(text), null);
    const miles = readMileage(text)?.miles ?? 0;
    assert.ok(Number.isInteger(miles) && miles >= 0 && miles <= 5_000_000);
  }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 5, max: 7 }), (digit, count) => {
      assert.ok(isPlaceholderMileage(Number(String(digit).repeat(count))));
    }),
  );
});

Deno.test("money: a sum is read with its currency, with and without thousands parted", () => {
  const code = fc.constantFrom("USD", "CAD", "EUR", "GBP", "CHF");
  fc.assert(fc.property(fc.integer({ min: 0, max: 99_999_999 }), code, (amount, currency) => {
    for (const figure of [String(amount), thousands(amount)]) {
      assert.deepEqual(moneyIn(`Sold for ${currency} ${figure} on 4/24/26`), { amount, currency });
    }
    assert.deepEqual(moneyIn(`$${thousands(amount)} by bidder`), { amount, currency: null });
    assert.equal(priceOf(thousands(amount))?.amount, amount);
  }));
});

Deno.test("money: a text without a currency holds no sum", () => {
  fc.assert(fc.property(pageText, (text) => {
    const sum = moneyIn(text);
    if (sum === null) return;
    assert.match(text, /[$€£¥]|USD|CAD|AUD|NZD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|MXN/);
    assert.ok(sum.amount >= 0 && sum.amount <= 1_000_000_000);
  }));
});

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

/** Lines of details, each with what it states, put together from parts. */
const line = fc.oneof(
  fc.tuple(
    fc.integer({ min: 2, max: 999 }),
    fc.constantFrom("k Miles", "k Miles Shown", "k Miles Shown, TMU"),
  )
    .map(([figure, unit]) => [`${figure}${unit}`, "mileage"] as const),
  fc.tuple(
    fc.double({ min: 0.6, max: 8.9, noNaN: true }),
    fc.constantFrom("V8", "Inline-Six", "Flat-Four", "V-Twin", "W12"),
  )
    .map(([size, layout]) => [`${size.toFixed(1)}-Liter ${layout}`, "engine"] as const),
  fc.tuple(
    fc.constantFrom("Four", "Five", "Six", "Eight", "10"),
    fc.constantFrom("Manual Transmission", "Automatic Transaxle", "PDK Dual-Clutch Automatic"),
  )
    .map(([gears, kind]) => [`${gears}-Speed ${kind}`, "transmission"] as const),
  fc.constantFrom("Arctic Silver Metallic", "Rosso Corsa", "Black", "Two-Tone Green & White")
    .map((color) => [`${color} Paint`, "color"] as const),
  fc.constantFrom("Tan Leather", "Black Cloth", "Red Vinyl").map((hide) =>
    [`${hide} Upholstery`, "interior_color"] as const
  ),
  fc.constantFrom("Quattro All-Wheel-Drive System", "Four-Wheel Drive").map((text) =>
    [text, "drivetrain"] as const
  ),
  fc.constantFrom(
    '17" BBS Wheels',
    "Limited-Slip Differential",
    "Dual-Range Transfer Case",
    "Clean Carfax Report",
  )
    .map((text) => [text, "other"] as const),
  vin.map((vin) => [`Chassis: ${vin}`, "chassis"] as const),
);

Deno.test("lines: each is of its kind", () => {
  fc.assert(fc.property(line, ([text, kind]) => assert.equal(lineKind(text), kind, text)), {
    numRuns: 500,
  });
});

Deno.test("lines: the first of a kind wins, and what is not of the vehicle changes nothing", () => {
  const none = fc.constantFrom(
    '17" BBS Wheels',
    "Clean Carfax Report",
    "Records from 1998",
    "Two Keys",
  );
  fc.assert(fc.property(fc.array(line, { maxLength: 8 }), none, fc.nat(8), (lines, other, at) => {
    const texts: string[] = lines.map(([text]) => text);
    const read = readListingLines(texts);
    for (const kind of ["engine", "transmission", "color", "chassis"] as const) {
      assert.equal(read[kind]?.line, lines.find((line) => line[1] === kind)?.[0]);
    }
    assert.deepEqual(readListingLines(texts.toSpliced(at, 0, other)), read);
  }));
});

Deno.test("lines: any text has one kind, and is read without an exception", () => {
  fc.assert(fc.property(fc.array(pageText, { maxLength: 6 }), (lines) => {
    for (const line of lines) assert.equal(typeof lineKind(line), "string");
    for (const [field, found] of Object.entries(readListingLines(lines))) {
      if (found !== null) assert.ok(lines.includes(found.line), field);
    }
  }));
});
