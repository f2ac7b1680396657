import type { FactBook } from "../../extraction/fact_book.ts";
import { keyOf, tokensOf } from "../../vehicle/tokens.ts";
import type { OwnName } from "./seller_make_place.ts";
import type { NamedVehicle } from "./seller_title.ts";

interface OwnNamePlaces {
  title: string;
  formText: string;
  titled: NamedVehicle;
  formed: NamedVehicle;
}

interface OwnNameReading extends OwnName {
  /** The title names the same maker. */
  agreed: boolean;
}

/**
 * Maker and model as the form states them, where no list holds the maker: a car is one, too, that nobody has
 * heard of. `null` where the form or the title names a maker that is known.
 */
export function ownNameOf(places: OwnNamePlaces): OwnNameReading | null {
  const { titled, formed, title, formText } = places;
  if (isNamed(formed) || isNamed(titled)) return null;
  const words = tokensOf(title, 40).map(({ key }) => key);
  if (formed.own !== null) {
    const makes = tokensOf(formed.own.make).map(({ key }) => key);
    const agreed = makes.every((key) => words.includes(key));
    // A title that names a known model by itself is believed before a word that stands alone in the form.
    return agreed || titled.model === null ? { ...formed.own, agreed } : null;
  }
  // "Bolwell" in the form, "1975 Bolwell Nagari" in the title.
  if (titled.own === null || keyOf(formText) !== keyOf(titled.own.make)) return null;
  return { ...titled.own, agreed: true };
}

const isNamed = ({ makeFrom }: NamedVehicle) => makeFrom === "named" || makeFrom === "slip";

/** How sure words are that only their place tells to be a maker and a model: no list confirms them. */
const DOUBT_OF = { agreed: 0.74, alone: 0.5 };

/** Enters such a name. */
export function addOwnName(facts: FactBook, own: OwnNameReading, formText: string): void {
  const evidence = `make and model "${formText}"`;
  const doubt = own.agreed ? DOUBT_OF.agreed : DOUBT_OF.alone;
  facts.add("make", own.make, "labelled", evidence, { doubt });
  facts.add("model", own.model, "labelled", evidence, { doubt });
}
