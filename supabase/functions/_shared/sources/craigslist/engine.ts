import { knownMake } from "../../vehicle/makes.ts";

/** An engine as a seller writes it: "4.3L V6", "5.4 TRITON V8", "460 7.5l V8", "M11 Cummins". */
interface EngineReading {
  engine: string;
  /** How much it says: from 1 (a bare size that can mean nothing else) to 4 (size and layout). */
  weight: number;
}

type Kind =
  | "size"
  | "unit"
  | "layout"
  | "inches"
  | "measure"
  | "brand"
  | "manner"
  | "code"
  | "engine"
  | "make"
  | "";
interface Token {
  text: string;
  kind: Kind;
  /** What stands between it and the token before. */
  gap: string;
}

const SIZE = /^[1-9]\.\d$/;
const SIZE_WITH_UNIT = /^(?:[1-9]|1\d)\.\d(?:LT?|T|TD|-?liters?|-?litres?)$/i;
const LAYOUT =
  /^(?:V-?(?:2|4|5|6|8|10|12|16)|VR6|W(?:8|12)|[IL]-?[3-6]|H-?[46]|(?:flat|inline|straight|slant)-?(?:\d|two|three|four|five|six|eight)|\d{1,2}-?cyl(?:inders?)?|boxer)$/i;
const CUBIC_INCHES = new Set(
  ("170,194,200,216,223,225,230,231,232,235,239,250,258,260,262,265,273,283,289,292,300,302,304,305,307,312," +
    "318,322,326,327,331,340,345,348,350,351,352,354,355,360,364,383,389,390,392,396,400,401,402,403,406,409,410," +
    "413,421,425,426,427,428,429,430,440,454,455,460,472,482,496,500,502").split(","),
);
/** Words without a digit, in small letters and without hyphens. */
const PLAIN_KINDS = new Map<string, Kind>([
  ...kinds("layout", "boxer"),
  ...kinds(
    "brand",
    "triton,hemi,vortec,ecoboost,duramax,powerstroke,cummins,coyote,pentastar,ecotec,northstar,iforce," +
      "skyactiv,caterpillar,cat,detroit,paccar,maxxforce,tdi,tfsi,tsi,vtec,ivtec,magnum,windsor,cleveland,bbc,sbc,ls,lsx",
  ),
  ...kinds(
    "manner",
    "turbo,turbocharged,turbodiesel,twinturbo,biturbo,supercharged,diesel,hybrid,electric,dohc,sohc,flexfuel,efi,fuelinjected",
  ),
  ...kinds("engine", "engine,engines,motor,motors,eng"),
  ...kinds("unit", "l,liter,liters,litre,litres,ltr"),
]);
const NUMBERED_LAYOUT = /^(?:flat|inline|straight|slant)-?(?:two|three|four|five|six|eight)$/;
const NUMBERED_BRAND = /^(?:ls[1-9]|lt1|lm7|lq[49]|l99|ecotec3)$/i;

function kinds(kind: Kind, words: string): [string, Kind][] {
  return words.split(",").map((word) => [word, kind]);
}

const CODE = /^(?=.*\d)(?=.*[A-Z])[A-Z\d]{2,6}$/;
const NUMBER_WORDS = /^(?:two|three|four|five|six|eight|ten|\d{1,2})$/i;
/** A displacement that says in what: "352ci", "1600cc". */
const MEASURED = /^(?:\d{2,3}(?:ci|cid|cui)|\d{3,4}cc|\d,\d{3} ?cc)$/i;
const WORD = /\d,\d{3} ?cc\b|[\p{L}\d](?:[\p{L}\d]|[.'’-](?=[\p{L}\d]))*/gu;
/** A bare size is an engine's only where the next word tells how the car drives. */
const DRIVES = /^(?:2wd|4wd|4x4|awd|rwd|fwd|auto(?:matic)?|manual|trans(?:mission)?|gas)$/i;
/** A sentence that speaks of another engine, of a former one or of a wish. */
const OTHER =
  /\b(?:trades?|traded|looking for|wanted|originally|used to|came with|instead of|interested in|compared?|would consider|not the|unlike)\b/i;
const SURE = 2.5;
const SAMPLE = 4_000;
const MOST_TOKENS = 900;

/** The engine that a text names best; the first of those that say equally much. `null` if none. */
export function engineInText(text: string): EngineReading | null {
  let best: EngineReading | null = null;
  for (
    const sentence of text.slice(0, SAMPLE).split(
      /[\n|;!?]+|\.(?=\s|$)(?<!\bcu\.)(?<!\bcu\. ?in\.)/i,
    )
  ) {
    const stop = OTHER.exec(sentence)?.index ?? sentence.length;
    const found = bestRun(tokensOf(sentence.slice(0, stop)));
    if (found === null || found.weight <= (best?.weight ?? 0)) continue;
    best = found;
    // What comes first is the vehicle's own; search words and other cars stand further behind.
    if (best.weight >= SURE) break;
  }
  return best;
}

function tokensOf(sentence: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of sentence.matchAll(WORD)) {
    const [text] = match;
    tokens.push({ text, kind: kindOf(text), gap: sentence.slice(end, match.index) });
    end = match.index + text.length;
    if (tokens.length >= MOST_TOKENS) break;
  }
  return joinCylinders(tokens);
}

function kindOf(text: string): Kind {
  if (!/\d/.test(text)) {
    const word = text.toLowerCase();
    return PLAIN_KINDS.get(word.replaceAll("-", "")) ??
      (NUMBERED_LAYOUT.test(word) ? "layout" : "");
  }
  if (SIZE.test(text) || SIZE_WITH_UNIT.test(text)) return "size";
  if (LAYOUT.test(text)) return "layout";
  if (MEASURED.test(text)) return "measure";
  if (CUBIC_INCHES.has(text.replace(/(?:ci|cid|w|c|tbi)$/i, ""))) return "inches";
  if (NUMBERED_BRAND.test(text)) return "brand";
  return CODE.test(text) ? "code" : "";
}

/** "flat six", "4 cylinder", "inline 6", "V 6": two words of one layout. */
function joinCylinders(tokens: readonly Token[]): Token[] {
  const joined: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const [one, two] = [tokens[at], tokens[at + 1]];
    if (one === undefined) break;
    const measured = measureAt(tokens, at);
    if (measured !== null) {
      joined.push(measured.token);
      at += measured.count - 1;
      continue;
    }
    const pair = two !== undefined && two.gap.trim().replace("-", "") === "" &&
      ((NUMBER_WORDS.test(one.text) && /^cyl(?:inders?|s)?$/i.test(two.text)) ||
        (/^(?:flat|inline|straight|slant|boxer)$/i.test(one.text) && NUMBER_WORDS.test(two.text)) ||
        (/^(?:twin|bi)$/i.test(one.text) && /^turbo(?:charged)?$/i.test(two.text)) ||
        (/^(?:big|small)$/i.test(one.text) && /^block$/i.test(two.text)) ||
        (/^V$/i.test(one.text) && /^(?:6|8|10|12)$/.test(two.text)));
    if (pair) {
      joined.push({
        text: `${one.text}${/^V$/i.test(one.text) ? "" : " "}${two.text}`,
        kind: /turbo/i.test(two.text) ? "manner" : /block/i.test(two.text) ? "brand" : "layout",
        gap: one.gap,
      });
      at++;
    } else joined.push(one);
  }
  return joined;
}

/** "360 cu. in.", "390 CID", "427 cubic inch": a figure and its unit, as they are written. */
function measureAt(
  tokens: readonly Token[],
  at: number,
): { token: Token; count: number } | null {
  const one = tokens[at];
  if (one === undefined || !/^\d{2,3}$/.test(one.text)) return null;
  const [two, three, four] = tokens.slice(at + 1, at + 4);
  if (two === undefined) return null;
  const near = (token: Token | undefined) => token !== undefined && /^\.?[ -]?$/.test(token.gap);
  if (!near(two)) return null;
  const token = (text: string): Token => ({ text, kind: "measure", gap: one.gap });
  if (/^(?:ci|cid|cui)$/i.test(two.text)) {
    return { token: token(`${one.text}${two.gap}${two.text}`), count: 2 };
  }
  if (!/^cu(?:bic)?$/i.test(two.text) || three === undefined || !near(three)) return null;
  if (!/^in(?:ch(?:es)?)?$/i.test(three.text)) return null;
  const dot = /^cu$/i.test(two.text) && four?.gap.startsWith(".") === true ? "." : "";
  // The dot is the unit's and ends no sentence.
  if (four !== undefined) four.gap = four.gap.slice(dot.length);
  const text = `${one.text}${two.gap}${two.text}${three.gap}${three.text}${dot}`;
  return { token: token(text), count: 3 };
}

const NEVER_FIRST = new Set<Kind>(["unit", "engine"]);

function bestRun(tokens: readonly Token[]): EngineReading | null {
  let best: EngineReading | null = null;
  for (let at = 0; at < tokens.length; at++) {
    const first = tokens[at];
    if (first === undefined || first.kind === "") continue;
    if (NEVER_FIRST.has(first.kind)) continue;
    let end = at + 1;
    while (belongs(tokens[end])) end++;
    const run = tokens.slice(at, end);
    const found = judged(
      run,
      tokens[end]?.gap.trim() === "," || tokens[end]?.gap.trim() === "" ? tokens[end] : undefined,
      tokens[at - 1],
      run.length === 1 && run.every(isNothingElse) && drivenBehind(tokens, end),
    );
    if (found !== null && found.weight > (best?.weight ?? 0)) best = found;
    if (found !== null) at = end - 1;
  }
  return best;
}

/** Cubic inches that are no truck's name and no usual sum: "the 283 runs great". */
const ONLY_INCHES = new Set(
  ("283,289,292,302,304,305,307,312,318,326,327,340,351,352,360,383,389,390,396,402,409,413,421,425,426,427,428," +
    "429,430,440,454,455,460,472").split(","),
);

function isNothingElse({ text, gap }: Token): boolean {
  return ONLY_INCHES.has(text) && !/[$#\d]$/.test(gap.trim());
}

const FILLER = /^(?:with|w|and|a|an|its|the|original)$/i;
const DRIVEN =
  /^(?:powerglide|auto|automatic|manual|trans|transmission|crate|stroker|runs|running|speed|spd|tripower|fuelie)$/i;

/** Whether the words behind a run tell how it drives: "auto", "and a 4 speed", "with powerglide". */
function drivenBehind(tokens: readonly Token[], end: number): boolean {
  for (let at = end; at < Math.min(tokens.length, end + 4); at++) {
    const { text, gap } = tokens[at] ?? { text: "", gap: "." };
    if (!/^[\s,&\/-]*$/.test(gap)) return false;
    if (DRIVEN.test(text)) return true;
    const gears = /^[3-6]$/.test(text) && /^(?:speed|spd)/i.test(tokens[at + 1]?.text ?? "");
    if (gears || /^[3-6]-?(?:speed|spd)$/i.test(text)) return true;
    if (!FILLER.test(text)) return false;
  }
  return false;
}

/** Whether a token carries on a run; a maker's name may stand within ("5.8 ford v8"). */
function belongs(token: Token | undefined): boolean {
  if (token === undefined || !/^[\s,\/()-]{0,3}$/.test(token.gap)) return false;
  if (token.kind === "" && knownMake(token.text) !== null) token.kind = "make";
  return token.kind !== "";
}

/** What a run of engine words is worth; `null` when it may be something else. */
function judged(
  run: readonly Token[],
  next: Token | undefined,
  before: Token | undefined,
  driven: boolean,
): EngineReading | null {
  const has = (kind: Kind) => run.some((token) => token.kind === kind);
  const engine = has("engine") || (before !== undefined && before.kind === "engine");
  const measured = run.some(({ kind, text }) => kind === "size" && !SIZE.test(text)) ||
    (has("size") && has("unit"));
  let weight = 0;
  if (has("size") && (has("layout") || has("brand"))) weight = 4;
  else if (measured || (has("measure") && run.length > 1)) weight = 3.5;
  else if (has("measure")) weight = 3;
  else if (has("size") && (engine || has("manner"))) weight = 3;
  else if (has("inches") && (has("layout") || has("brand") || engine)) weight = 3;
  else if (has("brand") && (engine || has("layout"))) weight = 2.5;
  else if (has("code") && has("manner") && engine) weight = 2.5;
  else if (has("layout") && has("manner")) weight = 1.6;
  else if (has("layout") && engine) weight = 1.5;
  else if (has("size") && next !== undefined && DRIVES.test(next.text)) weight = 2;
  else if (run.some(({ text }) => /^VR6$/i.test(text))) weight = 1.8;
  else if (has("layout")) weight = 1;
  else if (driven) weight = 2;
  if (weight === 0) return null;
  const kept = run.filter(({ kind }, at) =>
    kind !== "engine" && kind !== "make" && !(kind === "code" && at > 0)
  );
  // A code belongs to the engine only at its head ("M11 Cummins"); a truck's name may stand there too.
  if (kept[0]?.kind === "code" && !(has("brand") && engine) && !(has("manner") && engine)) {
    kept.shift();
  }
  while (kept.at(-1)?.kind === "unit" && kept.at(-2)?.kind !== "size") kept.pop();
  const text = kept.map(({ text: word }) => written(word)).join(" ");
  return text === "" || text.length > 60 ? null : { engine: text, weight };
}

function written(word: string): string {
  return word.replace(/^v(?=r?-?\d)/, "V").replace(/(?<=\d)l$/, "L").replace(/^l$/, "L");
}

/** The last model year in which titles name engines by their cubic inches alone. */
const LAST_OF_INCHES = 1987;

/** A size in a title behind the model's name: "2002 F250 7.3", "Silverado 5.3 2wd", "1964 Impala 283". */
export function bareSize(words: readonly string[], year: number | null = null): string | null {
  const inches = year === null || year > LAST_OF_INCHES
    ? undefined
    : words.slice(0, 3).find((word) => ONLY_INCHES.has(word));
  if (inches !== undefined) return inches;
  const size = words.slice(0, 3).find((word) => SIZE.test(word));
  return size === undefined || Number(size) > 8.4 ? null : size;
}
