import { type JsonLdNode, nodeText } from "../../html/json_ld.ts";
import { FIRST_VIN_YEAR, type VinReading } from "../../vehicle/vin.ts";
import { makersOfVin } from "../../vehicle/wmi.ts";

/** Where a site has its own number of a vehicle. */
const SITES_NUMBERS = ["url", "@id", "sku", "productID", "identifier", "mpn"];
const FRAME = /^[A-Z]{1,5}\d{1,4}[A-Z]{0,3}-\d{5,7}$/;

/**
 * Whether a "VIN" is a number that the site gave: of a car with the 17-character standard, without one of
 * its marks (a right check digit, a known maker's beginning, a frame number's form), and made of digits
 * alone or of the number in the listing's address.
 */
export function isSitesNumber(vin: VinReading, year: number | null, node: JsonLdNode): boolean {
  if (year !== null && year < FIRST_VIN_YEAR) return false;
  if (vin.kind === "chassis" && vin.vin.length < 6) return true;
  // A letter that no VIN holds, and no slip for a digit.
  if (vin.kind === "chassis" && vin.vin.length === 17) return true;
  if (vin.checkDigit === "right" || makersOfVin(vin.vin) !== null || isFrameNumber(vin.vin)) {
    return false;
  }
  if (vin.kind === "chassis" && !/[A-Z]/.test(vin.vin)) return true;
  const numbers = SITES_NUMBERS.flatMap((key) =>
    (nodeText(node[key]) ?? "").match(/\d{4,}/g) ?? []
  );
  return numbers.some((number) => vin.vin.includes(number));
}

/** Whether a number has the form of a frame number of Japan's makers: "BNR32-305366". */
export function isFrameNumber(number: string): boolean {
  return FRAME.test(number);
}
