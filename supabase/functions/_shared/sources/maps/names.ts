import { z } from "zod";
import { sameWords } from "./same_words.ts";
import type { PageIndex } from "../../learning/index/page_index.ts";
import type { FactValue } from "../../learning/values/type.ts";
import { parseTitle, type TitleReading } from "../../vehicle/title.ts";

const PLACES = ["h1", "og:title"] as const;

/** Where the pages of a template name their vehicle, and how sure that is. */
export const namesRule = z.object({ place: z.enum(PLACES), confidence: z.number() });
type NamesRule = z.infer<typeof namesRule>;

type Facts = Readonly<Record<string, FactValue | null>>;

const FEWEST = 5;
const FEW = 14;
/** Of the pages whose vehicle is known so many must name it: facts that are old explain the rest. */
const AGREEING = 0.7;
/** A title says less surely than a label where the model's name ends. */
const CONFIDENCE = { few: 0.75, many: 0.9 };
const UP = 4;

/** The title that stands at a place; null where there is none. */
function titleAt(place: NamesRule["place"], index: PageIndex): string | null {
  const unit = index.units.find((one) =>
    place === "h1"
      ? (one.kind === "line" || one.whole === true) && isWithin(index, one.element, place)
      : one.kind === "meta" && one.name === place
  );
  return unit?.text ?? null;
}

/** What a rule reads from a page's title; null unless it names a year and a maker that is known. */
export function readNames({ place }: NamesRule, index: PageIndex): TitleReading | null {
  const title = titleAt(place, index);
  if (title === null) return null;
  const read = parseTitle(title);
  return read.year !== null && read.makeKnown && read.model !== null ? read : null;
}

/** Learns where the pages of a template name the vehicle that is known to be theirs; null where nowhere. */
export function learnNames(
  indexes: readonly PageIndex[],
  facts: readonly Facts[],
): NamesRule | null {
  const tried = PLACES.map((place) => {
    const titles = new Set<string>();
    let [known, agreeing] = [0, 0];
    for (const [page, index] of indexes.entries()) {
      const { year, make, model } = facts[page] ?? {};
      if (year == null || make == null || model == null) continue;
      known++;
      const read = readNames({ place, confidence: 1 }, index);
      if (read === null || read.year !== Number(year)) continue;
      if (!sameWords(read.make, make) || !sameWords(read.model, model)) continue;
      agreeing++;
      titles.add(titleAt(place, index) ?? "");
    }
    return { place, known, agreeing, distinct: titles.size };
  });
  const [best] = tried.sort((a, b) => b.agreeing - a.agreeing);
  if (best === undefined || best.agreeing < FEWEST || best.distinct < 3) return null;
  if (best.agreeing < AGREEING * best.known) return null;
  return {
    place: best.place,
    confidence: best.agreeing < FEW ? CONFIDENCE.few : CONFIDENCE.many,
  };
}

function isWithin({ elements }: PageIndex, element: number, tag: string): boolean {
  let one = elements[element];
  for (let up = 0; one !== undefined && up < UP; up++) {
    if (one.tag === tag) return true;
    one = elements[one.parent];
  }
  return false;
}
