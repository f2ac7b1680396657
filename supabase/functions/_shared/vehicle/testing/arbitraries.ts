import fc from "fast-check";
import { MAKE_NAMES } from "../make_names.ts";
import { checkDigitFits } from "../vin.ts";

/** Text of a page: letters, figures and the signs that readers look for. */
export const pageText = fc.oneof(
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

export const make = fc.constantFrom(...Object.keys(MAKE_NAMES));
export const year = fc.integer({ min: 1925, max: 2030 });
export const model = fc.constantFrom(
  "GT",
  "Sedan",
  "Turbo S",
  "Custom",
  "Type 55",
  "XR Cabriolet",
  "Roadster",
);

const VIN_CHARACTERS = [..."ABCDEFGHJKLMNPRSTUVWXYZ0123456789"];
/** Numbers with a right check digit: of the digits and X one always fits. */
export const vin = fc.array(fc.constantFrom(...VIN_CHARACTERS), { minLength: 16, maxLength: 16 })
  .filter((characters) =>
    /\d{5}$/.test(characters.join("")) && /[A-Z].*[A-Z]/.test(characters.join(""))
  )
  .map((characters) => {
    const [head, tail] = [characters.slice(0, 8).join(""), characters.slice(8).join("")];
    const digit = [..."0123456789X"].find((one) => checkDigitFits(`${head}${one}${tail}`));
    return `${head}${digit}${tail}`;
  });
