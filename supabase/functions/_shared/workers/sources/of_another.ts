import type { ProbeRequest } from "./request.ts";

/** Pages that must contradict their own addresses before that counts: a number may look like a year. */
const CONTRADICTING = 2;
const YEAR = /(?<!\d)(?:19[3-9]\d|20[0-3]\d)(?!\d)/g;

/**
 * Whether the pages of a site show data of other cars than their own: the same VIN or the very same
 * car on two of them, or years that their addresses contradict. Says what was seen; null for nothing.
 */
export function whyOfAnother(details: readonly ProbeRequest[]): string | null {
  const read = details.filter(({ result }) => result.reading === "listing");
  const seen = new Map<string, string>();
  for (const { url, result } of read) {
    const { year, make, model, vin, price, mileage } = result;
    const same = [
      ...(vin === undefined ? [] : [`the VIN ${vin}`]),
      ...(vin === undefined && price !== undefined && mileage !== undefined
        ? [`the ${year} ${make} ${model} with ${mileage} miles for ${price}`]
        : []),
    ];
    for (const what of same) {
      const other = seen.get(what);
      if (other !== undefined) return `${what} stands on two pages: ${other} and ${url}`;
      seen.set(what, url);
    }
  }
  const contradicting = read.filter(({ url, result }) => {
    const years = new Set(new URL(url).pathname.match(YEAR) ?? []);
    const [named] = years;
    return years.size === 1 && result.year !== undefined &&
      Math.abs(Number(named) - result.year) > 1;
  });
  const [first] = contradicting;
  return contradicting.length < CONTRADICTING || first === undefined
    ? null
    : `${contradicting.length} pages state another year than their addresses: ${first.url} says ${first.result.year}`;
}
