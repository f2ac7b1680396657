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
/** "Repainted Guards Red", "fresh repaint in black", "painted satin black last year". */
const REPAINTED = new RegExp(
  `\\b(?:re)?paint(?:ed)?(?: job)?\\s(?:(?:it|in|to|is|the|a|original|factory|its) ){0,3}((?:(?!(?:the|with|and|its|on|by|inside) )[a-z]+ ){0,2}?${NAMED})\\b(?!\\s*(?:wheels?|rims?|interior|stripes?|trim|roof|top|calipers?|for an? (?:\\w+ )?while|at first|before|once|then|now))`,
  "i",
);
/** What else is painted, or was, or is to be. */
const NOT_THE_BODY =
  /\b(?:wheels?|rims?|frame|bumpers?|trim|grille?|calipers?|engine|motor|interior|hood|roof|top|needs?|originally|was once|used to be|could be|to be|calipers|axles?|undercarriage|stripes?)\s(?:\S+\s){0,2}$/i;
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

/** The colour that a description says it was painted in; `null` when it says none, or of another part. */
export function repaintInText(text: string): string | null {
  const sample = text.slice(0, 4_000);
  const match = /paint/i.test(sample) ? REPAINTED.exec(sample) : null;
  if (match === null) return null;
  const before = sample.slice(Math.max(0, match.index - 40), match.index).split(/[.\n!]/).at(-1);
  return NOT_THE_BODY.test(before ?? "") ? null : (match[1] ?? "").toLowerCase();
}
