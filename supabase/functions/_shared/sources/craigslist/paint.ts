const COLOR =
  "black|white|silver|gr[ae]y|red|blue|green|yellow|orange|brown|beige|tan|gold|purple|bronze|maroon|burgundy|cream|ivory|champagne|teal|turquoise|pink|copper|charcoal|pewter|navy";
const SHADE =
  "dark|light|bright|deep|candy|pearl|metallic|midnight|forest|navy|royal|baby|arctic|iridium|brilliant|sky|army|hunter|cherry|jet|graphite|flat|matte|oxford|super|summit";
const NAMED = `(?:(?:${SHADE}) ){0,2}(?:${COLOR})(?: (?:metallic|pearl))?`;
/** "Dark purple color", "Black Paint", "silver exterior". */
const BEFORE = new RegExp(
  `\\b(${NAMED})[ -](?:in )?(?:colou?r(?:ed)?|paint|exterior)\\b(?!\\s*(?:code|inside|interior|(?:on )?(?:the )?(?:wheels?|rims?)))`,
  "i",
);
/** "Exterior: white", "The color is Iridium Silver". */
const BEHIND = new RegExp(
  `\\b(?:ext(?:erior)?(?: colou?r)?|(?<!interior |inside )colou?r)\\s*(?:is|:|-|=)?\\s*(?:an? )?(${NAMED})\\b`,
  "i",
);
const INSIDE = /\b(?:interior|inside|leather|seats?|cloth|dash)\s*(?:is|:|-|has|in)?\s*$/i;

/** The paint that a description names in so many words; `null` when it names none. */
export function paintInText(text: string): string | null {
  const sample = text.slice(0, 4_000);
  for (const pattern of [BEHIND, BEFORE]) {
    const match = pattern.exec(sample);
    if (match === null || INSIDE.test(sample.slice(Math.max(0, match.index - 20), match.index))) {
      continue;
    }
    return (match[1] ?? "").toLowerCase();
  }
  return null;
}
