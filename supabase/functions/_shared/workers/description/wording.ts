const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const SYMBOLS: Readonly<Record<string, string>> = { USD: "$", EUR: "€", GBP: "£" };

/** 61000 → "61,000"; 12500.5 → "12,500.50". */
export function count(value: number): string {
  const decimals = Number.isInteger(value) ? 0 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** 61000, "USD" → "$61,000"; 61000, "CHF" → "CHF 61,000". */
export function money(amount: number, currency: string): string {
  const symbol = SYMBOLS[currency];
  return symbol === undefined ? `${currency} ${count(amount)}` : `${symbol}${count(amount)}`;
}

/** "2025-11-03" → "November 3, 2025". */
export function day(isoDate: string): string {
  const [year, month, date] = isoDate.split("-").map(Number);
  return `${MONTHS[(month ?? 1) - 1]} ${date}, ${year}`;
}

/** Lower-case name of a month, 1 to 12. */
export function monthName(month: number): string | undefined {
  return MONTHS[month - 1]?.toLowerCase();
}

/** "a" or "an", as the next word is spoken. */
export function article(next: string): "a" | "an" {
  if (/^(suv|mpv|1[18]\d\d\b|8)/i.test(next)) return "an";
  if (/^(u[^aeiou][aeiou]|eu|one\b)/i.test(next)) return "a";
  return /^[aeiou]/i.test(next) ? "an" : "a";
}

/** ["x"] → "x"; ["x", "y", "z"] → "x, y and z". */
export function list(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join("")
    : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
}
