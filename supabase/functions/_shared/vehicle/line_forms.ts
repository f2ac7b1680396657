const DISPLACEMENT =
  /\b\d{1,2}(?:\.\d{1,2})?[\s-‑]?(?:liters?|litres?|L)\b|\b[\d,]{2,6}(?:\.\d)?\s?(?:cc|ci|cid|cubic[- ]inch)\b/i;
const LAYOUT =
  /\b(?:V-?(?:2|4|5|6|8|10|12|16)|W-?(?:8|12|16)|(?:flat|inline|straight|slant|opposed)[\s-‑](?:two|twin|three|four|five|six|eight|\d)|[VL]-twin|parallel[- ]twin|I-?[3-8]|wankel|rotary|(?:two|three|four|five|six|eight)[- ]cylinder|four-stroke single|two-stroke single)\b/i;
const ELECTRIC =
  /\b(?:electric|synchronous|induction|permanent-magnet|AC|DC)\b.*\bmotors?\b|\b(?:single|dual|tri|quad)[- ]motor\b/i;
/** A motor of one cylinder ends in that word: "Five-Horsepower Tecumseh OHV Single". */
const SINGLE = /^(?:\S+ ){1,5}single$/i;
/** Parts of an engine, or work done on one, are not the engine. */
const NOT_ENGINE =
  /^(?:no |removed )|\b(?:(?<!\b[LFT]-)heads?|carburet(?:or|tor|ion)s?|exhaust|headers?|intake|manifold|camshafts?|pistons?|radiator|cover|mounts?|badges?|emblems?|wheels?|tires?|brakes?|(?:super|turbo)chargers?$|supercharger kit|management|internals|power steering|windows?|seats?|mirrors?|tank|battery|service[d]?|steering|kit|swap parts)\b(?<!dual exhaust)/i;
const GEARS =
  /\b(?:transmissions?|tra?n\w*mi\w*s+i\w*on|transaxle|gearbox|cvt|dct|pdk|dsg|tiptronic|powerglide|hydra-?matic|turboglide|dynaflow|automatic swap|manual swap|manual conversion|(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|single)[\s-‑](?:speed)(?:[\s-]\S+){0,3} (?:manual|automatic))\b/i;
const GEARS_AT_END = /\b(?:manual|automatic)(?: w\/.*)?$/i;
const NOT_GEARS =
  /^(?:no |removed |rebuilt transfer)|\b(?:cooler|mounts?|transfer case|fluid|rebuil[dt] (?:in|by)|brakes?|climate|headl\w+|doors?|soft top|air suspension|steering|windows?|service[d]?|manuals\b|owner'?s? manual|service manual|engine|choke|differential|locks?|clutch(?:es)?$|wipers?|antenna|leveling|level control|pan)\b|#\s?\d/i;
const DRIVE: readonly [RegExp, string][] = [
  [
    /\b(?:all[- ]wheel[- ]drive|AWD|quattro|4MATIC\+?|4motion|xdrive|syncro|symmetrical awd)\b/i,
    "AWD",
  ],
  [/\b(?:four[- ]wheel[- ]drive|4WD|4x4|4×4)\b/i, "4WD"],
  [/\b(?:rear[- ]wheel[- ]drive|RWD)\b/i, "RWD"],
  [/\b(?:front[- ]wheel[- ]drive|FWD)\b/i, "FWD"],
];
const COLOR_WORD =
  "black|white|silver|gr[ae]y|red|blue|green|yellow|orange|brown|beige|tan|gold|purple|bronze|maroon|burgundy|cream|ivory|champagne|teal|turquoise|pink|copper|charcoal|anthracite|pewter|copper|violet|magenta|aqua|olive|navy|lime|crimson|scarlet|rosso|nero|bianco|giallo|blu|verde|grigio|argento|azzurro|rot|weiss|schwarz|silber|blau|grün|primer|patina|mocha|mint|indigo|plum|lavender|sapphire|emerald|ruby|bordeaux|graphite";
const PAINT =
  /^(.*?)\s*\b(?:re)?(?:paint(?:work| scheme)?|finish|bodywork)(?:\s+(?:w\/|with|&|over|and)\s?.*|\s+\(.*)?\.?$/i;
const REPAINTED =
  /^(?:\d{4}s? |older |glass-out |previously |partially |bare-metal )?(?:re)?(?:painted|finished|sprayed|paint|finish)\s+(?:in\s+)?(?!(?:wheels|centers|trim|by)\b)(.+)$/i;
const NOT_BODY =
  /\b(?:wheels?|rims?|calipers?|centers?|trim|accents?$|interior|protection|film|meter|wrap|rods?|bumpers?|hardware|frame|engine|underside|chassis|panels?$|hubcaps?|lips?|barrels?|grille|mirrors?|roof$|top$|touch-?up|correction|sample$|removed|stripes?$|graphics?$|manual|seats?|dash\w*|neon|original paint$|partial|lower cladding$|hood$|(?:engine )?bay$|fenders?$|doors?$|tailgate$|decklid$|nose$|quarters?$|trunk(?: lid)?$)\b/i;
const SHADE =
  `(?:[\\p{L}\\d'-]+ ){0,4}(?:${COLOR_WORD}|metallic|pearl|mica|effect|tricoat|tinted clearcoat)(?: ii| iii)?`;
const COLOR_ALONE = new RegExp(`^${SHADE}(?:,? (?:&|and|over) ${SHADE})?$`, "iu");
const UPHOLSTERY = /^(.*\S)\s+(?:upholstery|interior)(?:\s+w\/.*|\s+\(.*)?$/i;
const NOT_UPHOLSTERY =
  /^(?:re-?trimmed|reupholstered|redone|custom|new|original|full|replacement|refurbished)(?:\s+\S+)?$/i;

/** When and by whom an engine was worked on: "Rebuilt in 2019", "(Overhauled by Smith Racing)". */
const WORK_DONE =
  /(?<=\S)[\s,;–-]*\(?\b(?:(?:professionally|fully|freshly|recently|last) )?(?:rebuil[dt]|rebuilding|refreshed|overhauled|refurbished|restored|machined|reconditioned|replaced|installed)(?:\s+(?:in|by|c\.|circa|ca\.|at|completed|approximately|~|(?:19|20)\d\d|[\d,]+k? (?:miles|years)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b).*|\s*\)?)$/i;
const YEAR_AT_END = /[\s,]+\(?(?:in |c\.\s?|circa )?(?:19|20)\d{2}s?\)?$/i;

/**
 * "Replacement 1.6-Liter Flat-Four", and "4.6-Liter V8" of "4.6-Liter V8 Rebuilt in 2019"; not "Edelbrock V8
 * Intake Manifold".
 */
export function engineIn(text: string): string | null {
  const line = text.replace(WORK_DONE, "").replace(YEAR_AT_END, "");
  if (NOT_ENGINE.test(line.replace(/\s+w\/.*$/, ""))) return null;
  const engine = LAYOUT.test(line) || ELECTRIC.test(line) || SINGLE.test(line) ||
    (DISPLACEMENT.test(line) && line.length < 60);
  return engine ? clean(line) : null;
}

/** "Six-Speed F1 Sequential Transaxle"; not "Transmission Cooler" and not "Automatic Climate Control". */
export function gearsIn(line: string): string | null {
  if (NOT_GEARS.test(line.replace(/\s+w\/.*$/, ""))) return null;
  return GEARS.test(line) || (GEARS_AT_END.test(line) && /speed|shift/i.test(line))
    ? clean(line)
    : null;
}

/** "Quattro All-Wheel-Drive System" → "AWD". */
export function driveIn(line: string): string | null {
  return DRIVE.find(([pattern]) => pattern.test(line))?.[1] ?? null;
}

const COLORED = new RegExp(`\\b(?:${COLOR_WORD}|metallic|pearl)\\b`, "iu");
/** Coated otherwise than with paint, or named by the body: these are a colour only with one in them. */
const BODY =
  /^(.*?)[\s-]+(?:body(?: ?shell)?|coat(?:ing)?|livery|exterior|body panels)(?:\s+w\/.*)?$/i;
/** A body left as the metal that it is made of. */
const BARE_METAL =
  /^(?:unfinished |unpainted |brushed |polished |bare )*((?:stainless[- ]?steel|aluminum))\s+(?:body|bodywork|panels|body panels|exterior|finish)$/i;
/** What a body is made of is no colour. */
const MATERIAL =
  /^(?:(?:fiber)?glass|aluminum|steel|metal|plastic|composite|wood(?:en)?|all[- ]steel|custom)$/i;

/** When and by whom: of "Repainted in 2015 in Guards Red" and "Repainted by Smith in Blue" the colour is left. */
const WHEN_PAINTED =
  /^((?:re)?(?:paint(?:ed)?|finished|sprayed))\s+(?:in\s+(?:19|20)\d{2}s?|by\s(?:(?!in\s)\S+\s){1,4}?)\s*(?=in\s)/i;
/** "Repainted in Original Color": which, it does not say. */
const SAME_COLOR = /^(?:in )?(?:the |its )?(?:(?:original|factory|same|stock) )*colou?rs?$/i;

/** "Arctic Silver Metallic Paint" → "Arctic Silver Metallic"; "Repainted Green" → "Green". */
export function paintIn(text: string): string | null {
  const line = text.replace(WHEN_PAINTED, "$1 ").replace(YEAR_AT_END, "");
  const metal = BARE_METAL.exec(line)?.[1];
  if (metal !== undefined) return clean(metal);
  const body = line.replace(/\s+(?:w\/|over\b).*$/, "")
    .replace(/\b(paint(?:work)?)\s+(?:&|and)\s.*$/i, "$1");
  const named = PAINT.exec(body)?.[1] ??
    REPAINTED.exec(body)?.[1]?.replace(/,? (?:in|by|c\.).*$/, "") ?? colored(BODY.exec(body)?.[1]);
  if (named === undefined || /\d{4}/.test(named) || SAME_COLOR.test(named)) return null;
  if (NOT_BODY.test(body.replace(/\bbody panels?$/i, "body"))) return null;
  if (LAYOUT.test(named) || DISPLACEMENT.test(named)) return null;
  const color = named.replace(
    /^(?:older |original |factory |custom |textured |repainted (?:in )?|refinished (?:in )?|worn |faded |weathered |paint-to-sample )+/i,
    "",
  )
    .replace(
      /[\s-]+(?:(?:re)?(?:paint|finish(?:ed)?|painted)|fiberglass|aluminum|plastic|original|bedliner)$/i,
      "",
    )
    .replace(/-(?:finished|painted)$/i, "").trim();
  const empty = /^(?:re|single-stage|two-stage|older|base|clear|fresh|new|matte)$/i;
  return color === "" || MATERIAL.test(color) || empty.test(color) ? null : clean(color);
}

function colored(named: string | undefined): string | undefined {
  return named !== undefined && COLORED.test(named) ? named : undefined;
}

export function upholsteryIn(line: string): string | null {
  const named = UPHOLSTERY.exec(line)?.[1];
  if (named === undefined || NOT_UPHOLSTERY.test(named) || !/\S/.test(named)) return null;
  return clean(
    named.replace(/^(?:reupholstered in|retrimmed in|custom|replacement|original)\s+/i, ""),
  );
}

/** A line that is nothing but a colour's name: "Dark Maroon Metallic", "Summit White". */
export function bareColorIn(line: string): string | null {
  const body = line.replace(/\s+w\/.*$/, "").trim();
  return body.length < 50 && COLOR_ALONE.test(body) && !NOT_BODY.test(body) ? clean(body) : null;
}

export function clean(text: string): string {
  return text.replace(/‑/g, "-").replace(/[\s.,;]+$/, "").trim();
}
