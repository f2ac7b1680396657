import { shorten } from "../domain/text.ts";

/** One mistake in a request: where it stands and what is wrong. */
export interface Mistake {
  path: string;
  message: string;
}

/** Mistakes that an answer names. */
export const MOST_MISTAKES = 20;
/** The longest path, message or key that an answer repeats, in characters. */
const LONGEST = 200;

const MOST_ITEMS = 1_000;
const MOST_KEYS = 100;
const DEEPEST = 20;
/** The range of Postgres' `integer`, which every number of a body ends as. */
const [LEAST, GREATEST] = [-2_147_483_648, 2_147_483_647];

/** A mistake as it is shown: neither path nor message is longer than anybody reads. */
export function shortened({ path, message }: Mistake): Mistake {
  return {
    path: shorten(path, LONGEST).toWellFormed(),
    message: shorten(message, LONGEST).toWellFormed(),
  };
}

/**
 * What no body may hold, whatever the function: text that Postgres cannot store (NUL, half of a
 * surrogate pair), numbers outside `integer`, lists, objects and depths without measure. Found before
 * a schema sees the body, since a schema names every item of a list that does not fit. Gives no more
 * mistakes than an answer names.
 */
export function beyondLimits(json: unknown): Mistake[] {
  const mistakes: Mistake[] = [];
  const open: { value: unknown; path: string; depth: number }[] = [{
    value: json,
    path: "",
    depth: 0,
  }];
  // Not by recursion: the depth is the caller's.
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (mistakes.length >= MOST_MISTAKES) return mistakes;
    const { value, path, depth } = next;
    const message = mistakeOf(value, depth);
    if (message !== null) mistakes.push({ path, message });
    else if (typeof value === "object" && value !== null) {
      for (const [key, one] of Object.entries(value).reverse()) {
        open.push({
          value: one,
          path: shorten(path === "" ? key : `${path}.${key}`, LONGEST),
          depth: depth + 1,
        });
      }
    }
  }
  return mistakes;
}

function mistakeOf(value: unknown, depth: number): string | null {
  if (typeof value === "string") {
    return isStorable(value)
      ? null
      : "a character that cannot be stored: NUL, or half a surrogate pair";
  }
  if (typeof value === "number") {
    return value >= LEAST && value <= GREATEST
      ? null
      : `a number that is not from ${LEAST} to ${GREATEST}`;
  }
  if (typeof value !== "object" || value === null) return null;
  if (depth >= DEEPEST) return `nested deeper than ${DEEPEST} levels`;
  if (Array.isArray(value)) {
    return value.length > MOST_ITEMS ? `${value.length} items: at most ${MOST_ITEMS}` : null;
  }
  const keys = Object.keys(value);
  if (keys.length > MOST_KEYS) return `${keys.length} parameters: at most ${MOST_KEYS}`;
  return keys.every(isStorable) ? null : "a name with a character that cannot be stored";
}

function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
