import type { PageView } from "./index/view.ts";
import type { FieldTraits, Form, Rule } from "./rule.ts";
import { fitsShape } from "./values/code.ts";
import type { Reading } from "./values/type.ts";
import { hasCurrency } from "./values/number.ts";
import { TYPES } from "./values/types.ts";

/** What a rule reads at one place. */
export interface Found {
  unit: number;
  /** The value as the page writes it, and in its comparable form. */
  written: string;
  normal: string;
}

/** What stands where nothing is known, in the languages of the web's larger shops. */
const NOTHING =
  /^(?:n\/?a|none|null|nil|unknown|not (?:available|known|specified|stated)|tb[ac]|-+|\?+|keine? angaben?|unbekannt|inconnue?|non (?:disponible|spécifié|renseigné)|desconocid[oa]|no disponible|sconosciut[oa]|non disponibile|onbekend|okänd|nieznan[yae]|brak)\.?$/i;
const MOST_PLACES = 200;

/** The key of a rule's anchor in a page's view. */
function keyOf({ by, anchor, unit }: Rule): string {
  return by === "inside" ? `all|${unit}|` : `${by}|${unit}|${anchor}`;
}

/** All places that a rule leads to and that hold a value, in the order of the page, without `nth`. */
export function placesOf(rule: Rule, traits: FieldTraits, view: PageView): Found[] {
  const found: Found[] = [];
  const literal = rule.prefix === "" ? rule.suffix : rule.prefix;
  for (const unit of view.at(keyOf(rule), literal)) {
    const text = view.unit(unit).text;
    if (!isInScope(rule, view, unit)) continue;
    const one = readText(rule, traits, text, unit);
    if (one !== null) found.push(one);
    if (found.length >= MOST_PLACES) break;
  }
  return found;
}

/** What a rule reads from a page; null when it leads nowhere, or to several values. */
export function readRule(rule: Rule, traits: FieldTraits, view: PageView): Found | null {
  return chosen(rule, placesOf(rule, traits, view));
}

/** The one of several places that a rule means; null when it cannot say. */
function chosen(rule: Rule, places: readonly Found[]): Found | null {
  if (rule.nth !== undefined) {
    if (rule.nth.of !== null && places.length !== rule.nth.of) return null;
    return places[rule.nth.index] ?? null;
  }
  const [first] = places;
  return places.every((one) => one.normal === first?.normal) ? first ?? null : null;
}

function isInScope(rule: Rule, view: PageView, unit: number): boolean {
  if (rule.within === undefined && rule.outside === undefined) return true;
  const around = view.around(unit);
  if (rule.within !== undefined && !around.has(rule.within)) return false;
  return !(rule.outside?.some((name) => around.has(name)) ?? false);
}

function readText(rule: Rule, traits: FieldTraits, text: string, unit: number): Found | null {
  const cut = between(text, rule);
  if (cut === null || NOTHING.test(cut)) return null;
  const readings = readingsOf(cut, traits);
  const [first] = readings;
  if (first === undefined || readings.some((one) => one.normal !== first.normal)) return null;
  if (rule.means !== undefined) return meantBy(rule.means, first.normal, unit);
  if (rule.values !== undefined && !rule.values.includes(first.normal)) return null;
  if (rule.never?.includes(first.normal) ?? false) return null;
  return { unit, written: cut.slice(first.start, first.end), normal: first.normal };
}

/** The value that a page's own words stand for. */
function meantBy(
  means: Readonly<Record<string, string>>,
  text: string,
  unit: number,
): Found | null {
  const written = Object.hasOwn(means, text) ? means[text] : undefined;
  const normal = written === undefined ? null : TYPES.text.normal(written);
  return written === undefined || normal === null ? null : { unit, written, normal };
}

/** Many rules read the same texts: what each holds is kept with the traits that it was read by. */
const READ = new WeakMap<FieldTraits, Map<string, Reading[]>>();
const MOST_KEPT = 20_000;

function readingsOf(cut: string, traits: FieldTraits): Reading[] {
  const held = READ.get(traits) ?? new Map<string, Reading[]>();
  READ.set(traits, held);
  const known = held.get(cut);
  if (known !== undefined) return known;
  const readings = TYPES[traits.type].read(cut, traits.convention)
    .filter((reading) => isPlausible(reading, traits))
    .filter(({ start, end }) => !traits.currency || hasCurrency(cut.slice(start, end)));
  if (held.size < MOST_KEPT) held.set(cut, readings);
  return readings;
}

/**
 * What stands between a rule's literals; null when they are not there. The prefix stands once in the text,
 * and the value ends where the suffix comes next; or the suffix stands once, and the value begins behind the
 * nearest prefix. Without a prefix the suffix must stand once.
 */
function between(text: string, { prefix, suffix, atStart }: Rule): string | null {
  if (prefix === "") {
    if (suffix === "") return text.trim();
    const end = text.indexOf(suffix);
    return end < 0 || text.indexOf(suffix, end + 1) >= 0 ? null : text.slice(0, end).trim();
  }
  const at = text.indexOf(prefix);
  if (at < 0 || (atStart && at > 0)) return null;
  if (atStart || text.indexOf(prefix, at + 1) < 0) {
    const from = at + prefix.length;
    const end = suffix === "" ? text.length : text.indexOf(suffix, from);
    return end < 0 ? null : text.slice(from, end).trim();
  }
  const end = suffix === "" ? -1 : text.indexOf(suffix);
  if (end < 0 || text.indexOf(suffix, end + 1) >= 0) return null;
  const from = text.lastIndexOf(prefix, end - prefix.length);
  return from < 0 ? null : text.slice(from + prefix.length, end).trim();
}

function isPlausible({ normal }: Reading, traits: FieldTraits): boolean {
  switch (traits.type) {
    case "code":
      return traits.shape !== null && fitsShape(normal, traits.shape);
    case "date":
      // A month is not the day that is asked for.
      return normal.length === traits.longest;
    case "text":
      return normal.length <= Math.max(60, traits.longest * 2) && /[\p{L}\p{N}]/u.test(normal);
    case "number":
    case "money":
      return normal.length <= traits.longest + 2;
  }
}

/** A value as the facts write theirs. */
export function asForm(found: Pick<Found, "written" | "normal">, form: Form): string | number {
  switch (form) {
    case "number":
      return Number(found.normal);
    case "normal":
      return found.normal;
    case "two decimals":
      return Number(found.normal).toFixed(2);
    case "written":
      return found.written;
  }
}
