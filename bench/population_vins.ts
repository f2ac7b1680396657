/** VINs as 49 CFR 565.15 has them: which letter counts what, and the digit that the others give. */
const VALUES: Record<string, number> = Object.fromEntries([
  ...[..."0123456789"].map((digit, value) => [digit, value] as const),
  ...[..."ABCDEFGH"].map((letter, index) => [letter, index + 1] as const),
  ...[..."JKLMN"].map((letter, index) => [letter, index + 1] as const),
  ...[["P", 7], ["R", 9]] as const,
  ...[..."STUVWXYZ"].map((letter, index) => [letter, index + 2] as const),
]);
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

function checkDigit(vin: string): string {
  const rest =
    [...vin].reduce((sum, sign, place) => sum + (VALUES[sign] ?? 0) * (WEIGHTS[place] ?? 0), 0) %
    11;
  return rest === 10 ? "X" : String(rest);
}

export const hasCheckDigit = (vin: string): boolean => vin[8] === checkDigit(vin);

/** The VIN with the check digit that it must have in its ninth place. */
export const withCheckDigit = (vin: string): string =>
  vin.slice(0, 8) + checkDigit(vin) + vin.slice(9);

/** Another sign that counts the same, so that the check digit does not show it. */
export function equalLetter(sign: string): string | undefined {
  return Object.keys(VALUES).find((other) => other !== sign && VALUES[other] === VALUES[sign]);
}
