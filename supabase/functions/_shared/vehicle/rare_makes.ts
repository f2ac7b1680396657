/**
 * Makers of few vehicles, of long ago, of kits and of campers: known where a maker stands (behind
 * the year or first in a title), and never searched for in other words. Behind "=" other spellings.
 */
const NAMES = `
ADC, AJS, ARO, Adler, American Coach, Aero Minor, Allis-Chalmers, Alvis, American Bantam=Bantam, American IronHorse,
Amilcar, Amphicar, Arctic Cat, Arcimoto, Armstrong Siddeley, Arnolt-Bristol, Asia Motors, ATS, Autocar, Autozam,
Auto Union, BAC, B&B Manufacturing, Beck, BRM, BYD, Backdraft=Backdraft Racing, Berkeley, Big Dog, Bitter, Bizzarrini,
Bombardier, Boss Hoss, Brabham, Bradley, Bristol, Brough Superior, Buell, Cagiva, Cisitalia,
CFMoto, Classic Motor Carriages, Classic Roadsters, Clenet, Coachmen, Coda, Confederate, Country Coach, Crofton, Cunningham, Cupra, Czinger, Damon,
DB Panhard, DKW, Dacia, Darracq, De Dion-Bouton=De Dion Bouton, Dellow, Denzel, Deutsch-Bonnet, Diamond T,
Diamond Reo, Divco, DiMora, Durant, Dutchmen, ERA, Everett-Morrison, EarthRoamer, Electra Meccanica, Elva, Eunos, Envemo, Erskine, Excalibur,
Excelsior-Henderson, Farmall, Fiat-Abarth=Abarth-Fiat, Fiberfab, Ford-Willys, Fordson, Forest River, Four Winds, Frazer Nash=Frazer-Nash,
Fuji, GAZ, GEM, Georgie Boy, Gas Gas, Gilera, Glas, Goggomobil, Gordon-Keeble, Grand Design, Grumman, Gulf Stream, Gurgel, HRG, Healey, Heartland, Heinkel, Henderson,
Henry J, Hesketh, Hispano, Holiday Rambler, Horch, Hotchkiss, Humber, Hurricane Motorsports, Hurtan, Icon, Invicta, Isotta Fraschini=Isotta-Fraschini, Itasca,
Jawa, JPS Motorsports, Jayco, John Deere, Jowett, Kaiser-Frazer, Kaiser Jeep, Kamaz, Kellison, Kelmark, Keystone, Kirkham, Kissel,
Kreidler, Kubota, Kymco, Laforza, Laverda, Lea-Francis, Leisure Travel Vans, Leyland, Ligier, LiveWire, Lister, Lloyd,
Locomobile, Lola, London Taxi, Lone Star Classics, Lynk & Co, MZ, Magirus-Deutz, Maico, Marmon, Massey Ferguson, Massey-Ferguson, Matchless,
Maxwell, Mercer, Merkur, Meyers Manx, Midwest Automotive Designs, Minerva, Mitsuoka, Moke America, Monteverdi, Montesa, Mosler, Moskvitch,
Muntz, Nash-Healey, Newmar, Nio, Oakland, Ossa, OSCA, Otosan, Panhard, Peel, Peerless, Pegaso, Perodua,
Pinzgauer=Steyr-Daimler-Puch, Pleasure-Way, Porsche-Diesel=Porsche Diesel, Pope-Hartford, Precision Cobras=Precision Cobra, Proton, Puma, Railton, RCR, Rexhall, Rickenbacker, Roadtrek,
Rossion, Rupp, Salmson, Saurer, Seagrave, Shay, Shell Valley, Sherco, Siata, Ski-Doo, Spartan, SsangYong,
Stanley, Stevens-Duryea, Stewart & Stevenson, Stoewer, Street Beasts, Storyteller Overland, Tata, Terraplane, Thor, Tiffin, Tornado,
Trident, Turner, UAZ, Ultimate Classic Cars, Unique Motorcars, Velocette, Veritas, Vignale, Vincent, Vintage Speedsters, Voisin, Volga, Wanderer, Wartburg,
Wheego, Whippet, Winnebago, Yamaha Star, Yugo, ZAZ, Zenos, ZIL, Zero Motorcycles, Zündapp=Zundapp`;

/** Each spelling, in lower case and with spaces for hyphens, with the name that this database uses. */
const BY_WORDS: ReadonlyMap<string, string> = new Map(
  NAMES.split(",").flatMap((entry) => {
    const spellings = entry.trim().split("=");
    return spellings.map((spelling) =>
      [spelling.toLowerCase().replace(/-/g, " "), spellings[0] ?? ""] as const
    );
  }),
);
const MOST_WORDS = 3;

/**
 * Names that stand where a maker's does and belong to the model: what follows the year in "1995 Range Rover
 * County" is no maker called Range. The model keeps them.
 */
const LEAVES_ITS_MAKER_OUT: readonly [RegExp, (year: number | null) => string][] = [
  [/^range rover(?![\p{L}\d])/iu, () => "Land Rover"],
  [/^mazdaspeed ?[36]?(?![\p{L}\d])/iu, () => "Mazda"],
  // Studebaker's until 1964; then Avanti Motors built it on, under the model's name.
  [/^avanti(?![\p{L}\d])/iu, (year) => year !== null && year < 1965 ? "Studebaker" : "Avanti"],
];

/**
 * The rare maker that a text starts with and what follows it; the longest name wins. `year` is the model
 * year, where one is known: some names went from maker to maker.
 */
export function rareMakeAtStart(
  text: string,
  year: number | null = null,
): { make: string; rest: string } | null {
  const whole = text.trim();
  const unsaid = LEAVES_ITS_MAKER_OUT.find(([name]) => name.test(whole))?.[1];
  if (unsaid !== undefined) return { make: unsaid(year), rest: whole };
  const words = whole.split(/\s+/);
  for (let count = Math.min(MOST_WORDS, words.length); count > 0; count--) {
    const name = words.slice(0, count).join(" ").toLowerCase().replace(/-/g, " ");
    const make = BY_WORDS.get(name.replace(/[.,:;!]+$/, ""));
    if (make !== undefined) return { make, rest: words.slice(count).join(" ") };
  }
  return null;
}
