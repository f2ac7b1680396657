/** How a value read compares with the one that a person read off the same page. */
export type Verdict = "right" | "wrong" | "missing" | "invented" | "nothing";

/** Fields of `truth.jsonl` that are compared. */
export const COMPARED = [
  "year",
  "make",
  "model",
  "vin",
  "mileage",
  "exterior_color",
  "engine",
  "transmission",
  "drivetrain",
  "outcome",
  "sale_price",
  "high_bid",
  "asking_price",
  "bid_count",
  "comment_count",
  "seller",
  "location",
  "image_count",
] as const;
export type ComparedField = typeof COMPARED[number];

type Value = string | number | null;

/**
 * Compares a value read with the one stated; `null` is "not stated". Numbers and VINs must be
 * equal. Words are compared without case, signs and remarks in brackets; a model may be named with
 * or without its variant ("Civic", "Civic LX"), a place with or without its postal code, since
 * people and sites draw these lines in different places.
 */
export function compare(field: ComparedField, stated: Value, read: Value): Verdict {
  if (stated === null) return read === null ? "nothing" : "invented";
  if (read === null) return "missing";
  return same(field, stated, read) ? "right" : "wrong";
}

function same(field: ComparedField, stated: string | number, read: string | number): boolean {
  if (typeof stated === "number" || typeof read === "number") return stated === read;
  switch (field) {
    case "vin":
      return vin(stated) === vin(read);
    case "drivetrain":
      return drive(stated) === drive(read);
    case "model":
    case "location":
    case "exterior_color":
    case "engine":
    case "transmission":
      return startsWith(words(stated), words(read)) || startsWith(words(read), words(stated));
    default:
      return words(stated).join(" ") === words(read).join(" ");
  }
}

/** People wrote VINs down as posted, also with a letter O or I, which none has and readers mend. */
function vin(text: string): string {
  return text.toUpperCase().replace(/[OQ]/g, "0").replace(/I/g, "1");
}

function words(text: string): string[] {
  return text.toLowerCase().replace(/\([^)]*\)/g, " ").replace(/[^\p{L}\d.]+/gu, " ").trim().split(
    " ",
  );
}

function startsWith(whole: readonly string[], part: readonly string[]): boolean {
  return part.length > 0 && part[0] !== "" && part.every((word, at) => whole[at] === word);
}

function drive(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z\d]+/g, " ");
  if (/\bawd\b|all wheel/.test(plain)) return "awd";
  if (/\b4wd\b|\b4x4\b|four wheel/.test(plain)) return "4wd";
  if (/\brwd\b|rear wheel/.test(plain)) return "rwd";
  return /\bfwd\b|front wheel/.test(plain) ? "fwd" : plain;
}
