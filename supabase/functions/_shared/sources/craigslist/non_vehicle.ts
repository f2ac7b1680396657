import { type NamedVehicle, readSellerTitle } from "./seller_title.ts";

/** Somebody who wants a vehicle, or sells a service. */
const WANTED =
  /^\W*(?:wanted|wtb|iso|in search of|looking (?:for(?! trade)|to (?:buy|purchase|trade for))|(?:want|need|wish|trying) to (?:buy|purchase)|searching for|i buy|we buy|i'?m buying|buying|cash (?:for|4|\$+|paid)|top dollar|get cash)\b|\b(?:wanted|wtb|we buy|i buy|i[’']?ll buy|cash (?:for|4) (?:your |junk |any |old )?(?:cars?|trucks?|vehicles?|junk|clunkers?|classics?)|junk (?:cars?|vehicles?) (?:wanted|removal|buyers?)|buying (?:junk|cars|trucks|vehicles|all|any|old|classic))\b(?! (?:dead|or alive))/i;
/** "Most wanted", "wanted by": a turn of phrase, not a wish. */
const NOT_WANTED = /\b(?:most|never|un|highly|always|everyone'?s|help)[ -]?wanted\b|\bif wanted\b/i;
const NEED = /^\W*need (?:an?|some)\b(?!.*\b(?:motor|engine|trans\w*|work|repairs?|battery)\b)/i;
const SERVICE =
  /\b(?:towing (?:service|company)|auto transport|car shipping|we finance|guaranteed (?:approval|financing)|title loans?|mobile mechanic|mechanic (?:services?|on duty)|(?:oil change|detailing|window tint\w*|repair) (?:service|special)s?|rent[- ]to[- ]own (?:cars|vehicles)|cars? for rent|rental cars?|driv(?:e|ing) for (?:uber|lyft)|insurance quotes?)\b/i;
/** Homes and things on wheels that are no vehicles of their own. */
const HOME =
  /\b(?:mobile homes?|manufactured homes?|modular homes?|single[- ]?wides?|double[- ]?wides?|tiny (?:home|house)s?|(?:home|house)s? for (?:sale|rent)|\d ?(?:bed(?:room)?s?|br)[\s,\/]+\d ?(?:bath(?:room)?s?|ba))\b/i;
const PART =
  "parts?|wheels?|rims?|tires?|engines?|motors?|transmissions?|trans|hoods?|tailgates?|bumpers?|doors?|seats?|truck beds?|beds?|toppers?|camper shells?|caps?|hard ?tops?|soft ?tops?|headlights?|tail ?lights?|tonneau(?: cover)?s?|bed ?covers?|tool ?box(?:es)?|grill(?:e|es|s)?|radiators?|fenders?|mirrors?|rear ends?|axles?|differential|windshields?|hitch(?:es)?|running boards|hub ?caps?|center caps|manuals?|handbooks?|brochures?|key fobs?|signs?|roof racks?|bike racks?|car covers?|floor mats|exhaust|headers|carburetors?|alternators?|starters?|catalytic converters?|frames?|bodies|cabs?|winch|lift kit|trailers?|dolly|car hauler|snow ?plow|diecast|model cars?|die[- ]cast|go[- ]karts?|golf carts?";
const BEFORE_PART =
  '(?:set of |pair of |\\(?[1-8]\\)? |four |two |new |used |brand new |oem |factory |stock |original |aftermarket |complete |running |good |like new |\\d{2}(?:\\.\\d)?["”]? ?(?:inch|in)? |nos |vintage |antique |chrome |black |aluminum |alloy |enclosed |utility |dump |flatbed |travel |car )';
/** The thing offered is a part: it stands first, or for or off a vehicle. */
const PART_FIRST = new RegExp(
  `^(?!\\W*(?:\\d|two|four)[- ]?(?:doors?|dr)\\b)\\W*${BEFORE_PART}{0,4}(?:${PART})\\b(?! (?:car|truck|van|cab|vehicle|fleet)\\b)`,
  "i",
);
const PART_OF = new RegExp(
  `\\b(?:${PART})\\s+(?:for|off(?: of)?|from|out of|to fit|fits|came off)\\s+(?:an? |my |the |any |your |most )?(?:'?\\d{2}(?:\\d{2})?\\b|[A-Z][a-z]+\\b|full[- ]size|truck|car|jeep|sale\\b)`,
  "i",
);
const ALONE =
  /^(?:wheels?|rims?|tires?|engines?|motors?|transmission|hood|tailgate|bumpers?|doors?|seats?|bed|topper|hardtop|headlights?|fenders?|grille?|axles?|parts?|brochures?|handbooks?|posters?|signs?|emblems?|keychains?)$/i;
const PARTING =
  /\b(?:part(?:ing|ed)?(?: it)?[ -]out|for parts only|parts only|breaking for parts)\b/i;
/** What has an engine or wheels of its own and is no road vehicle, or is pulled by one. */
const OTHER_NON_VEHICLE =
  /\b(?:golf carts?|go[- ]?karts?|boats?|pontoons?|jet ?skis?|wave ?runners?|tractors?|lawn ?mowers?|zero[- ]turn|fork ?lifts?|excavators?|skid ?steers?|back ?hoes?|trailers?|fifth wheels?|5th wheels?|toy haulers?|power wheels|die[- ]?cast|model cars?|pedal cars?|car lifts?|scissor lifts?|generators?|storage (?:unit|container)s?)\b/i;
const TIRE_SIZE =
  /\b(?:LT|P)?\d{3}\/\d{2}\/?Z?R?\d{2}\b|\b\d{2}x\d{1,2}\.\d{1,2}R?(?:x|\/)?\d{2}\b/i;
/** A car that is sold whole to be taken apart is a vehicle. */
const PARTS_CAR =
  /\bparts? (?:car|truck|vehicle|only title)\b|\bor parts\b|\bwhole\b|\bfor parts or\b/i;

interface PostText {
  title: string;
  /** What the post's form names as make and model. */
  form: string;
  description: string;
  /** `readSellerTitle` of the title and of the form. */
  titled: NamedVehicle;
  formed: NamedVehicle;
  /** The year that was chosen from the form's list. */
  year?: number | null;
}

/**
 * Why a seller's post offers no vehicle: a wish to buy, a service, a home, a part; `null` when it
 * offers one.
 */
export function whyNoVehicle(post: PostText): string | null {
  const { title, form, description, titled: named, formed } = post;
  const wish = WANTED.exec(title)?.[0].trim();
  if (wish !== undefined && !(/wanted/i.test(wish) && NOT_WANTED.test(title))) {
    return `a wanted ad ("${wish}" in the title)`;
  }
  const need = named.model === null ? NEED.exec(title)?.[0].trim() : undefined;
  if (need !== undefined) return `a wanted ad ("${need}" in the title)`;
  const service = SERVICE.exec(title)?.[0];
  const vehicle = named.model !== null || formed.model !== null ||
    (named.make !== null && named.year !== null);
  if (service !== undefined && named.model === null) return `a service ("${service}")`;
  const home = HOME.exec(title)?.[0] ?? HOME.exec(form)?.[0] ??
    (vehicle ? null : HOME.exec(description.slice(0, 1_000))?.[0]);
  if (home !== undefined && home !== null && formed.model === null) return `a home ("${home}")`;
  if (PARTING.test(title) && !PARTS_CAR.test(title)) return `parts ("${PARTING.exec(title)?.[0]}")`;
  const part = partOffered(title, named, vehicle && named.year !== null);
  if (part !== null && !PARTS_CAR.test(title)) return `a part or an accessory ("${part}")`;
  if (vehicle && (named.model ?? formed.model) !== null) return null;
  const camper = namesCamper(post);
  const kinds = (text: string) =>
    OTHER_NON_VEHICLE.exec(camper ? text.replace(LIVED_IN, "") : text);
  const nonVehicle = kinds(title)?.[0] ?? kinds(form)?.[0];
  if (nonVehicle !== undefined) return `no road vehicle ("${nonVehicle}")`;
  if (vehicle) return null;
  const tires = TIRE_SIZE.exec(title)?.[0];
  if (tires !== undefined) return `tires ("${tires}")`;
  const wished = WANTED.exec(description.slice(0, 120))?.[0].trim();
  if (wished !== undefined && named.make === null && !NOT_WANTED.test(description.slice(0, 120))) {
    return `a wanted ad ("${wished}" in the text)`;
  }
  return null;
}

/** What is pulled and lived in: a vehicle where it has a maker and a year, as a motorhome is. */
const LIVED_IN =
  /\b(?:fifth wheels?|5th wheels?|toy haulers?|(?:travel|camping|camper|pop[- ]?up) trailers?)\b/gi;

function namesCamper({ titled, formed, year }: PostText): boolean {
  const made = [titled, formed].some(({ make, own, loose }) =>
    own !== null || (make !== null && loose.length > 0)
  );
  return made && (titled.year ?? year ?? null) !== null;
}

/** A part that stands before the vehicle it belongs to, or that no vehicle is named beside. */
function partOffered(title: string, named: NamedVehicle, vehicle: boolean): string | null {
  const of = PART_OF.exec(title);
  if (of !== null) {
    const { year, make, model } = readSellerTitle(title.slice(0, of.index));
    if (year === null && make === null && model === null) return of[0].trim();
  }
  const last = /\bparts\W*$/i.exec(title)?.[0];
  if (last !== undefined) return last;
  // "2008 F150 tailgate", "Mustang wheels": nothing but the part stands behind the vehicle's name.
  const { model, rest } = named;
  if (model !== null && rest.length === 1 && ALONE.test(rest[0] ?? "")) return rest[0] ?? null;
  return vehicle ? null : PART_FIRST.exec(title)?.[0].trim() ?? null;
}
