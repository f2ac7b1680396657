/** Numbers with their units, and durations, as a person reads them. */
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** What stands where a number was not measured; never 0. */
const UNKNOWN = "–";

export function count(value: number | null): string {
  return value === null ? UNKNOWN : whole.format(value);
}

/** A number for the axis of a chart: 12k. */
export function compact(value: number): string {
  return Math.abs(value) < 10_000 ? oneDigit.format(value) : short.format(value);
}

/** A share of 0 to 1: 0.934 is 93.4 %. */
export function percent(share: number | null): string {
  return share === null ? UNKNOWN : `${oneDigit.format(share * 100)} %`;
}

/** A change of a share, in percentage points. */
export function points(change: number | null): string {
  if (change === null) return UNKNOWN;
  const rounded = Math.round(change * 1000) / 10;
  const sign = rounded > 0 ? "+" : rounded < 0 ? "−" : "±";
  return `${sign}${oneDigit.format(Math.abs(rounded))} pp`;
}

/** 1 car, 2 cars. */
export function plural(value: number | null, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A price; its currency is whatever the rates were given in. */
export function money(value: number | null): string {
  if (value === null) return UNKNOWN;
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 || value === 0 ? 2 : 4;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function megabytes(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value >= 1000 ? `${oneDigit.format(value / 1000)} GB` : `${oneDigit.format(value)} MB`;
}

/** The distance of a time in the largest unit that fits: 4 min, 3 h, 12 days. */
export function span(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 60) return `${Math.round(size)} s`;
  if (size < 3600) return `${Math.round(size / 60)} min`;
  if (size < 48 * 3600) return `${oneDigit.format(Math.round(size / 360) / 10)} h`;
  return `${Math.round(size / 86_400)} days`;
}

const NUMBERS = new Set(["mileage", "sale_price", "high_bid", "asking_price"]);

/** A value of a vehicle as a person writes it: a mileage of 61234 is 61,234. */
export function valueOf(field: string, value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return NUMBERS.has(field) && /^\d+(\.\d+)?$/.test(value) ? count(Number(value)) : value;
}

/** `vehicles_added` as a heading: Vehicles added. */
export function heading(name: string): string {
  if (name === "vin") return "VIN";
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
