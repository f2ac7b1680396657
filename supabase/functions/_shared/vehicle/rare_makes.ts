/**
 * Makers of few vehicles, of long ago, of kits and of campers: known where a maker stands (behind
 * the year or first in a title), and never searched for in other words. Behind "=" other spellings.
 */
const NAMES = `
ADC, AJS, ARO, Adler, Aero Minor, Allis-Chalmers, Alvis, American Bantam=Bantam, American IronHorse,
Amilcar, Amphicar, Arctic Cat, Arcimoto, Armstrong Siddeley, Arnolt-Bristol, Asia Motors, ATS, Autocar, Autozam,
Auto Union, BAC, B&B Manufacturing, Beck, BRM, BYD, Backdraft=Backdraft Racing, Berkeley, Big Dog, Bitter, Bizzarrini,
Bombardier, Boss Hoss, Brabham, Bradley, Bristol, Brough Superior, Buell, Cagiva, Cisitalia,
Classic Motor Carriages, Classic Roadsters, Clenet, Coachmen, Confederate, Crofton, Cunningham, Cupra, Czinger,
DB Panhard, DKW, Dacia, Darracq, De Dion-Bouton=De Dion Bouton, Dellow, Denzel, Deutsch-Bonnet, Diamond T,
Diamond Reo, Divco, DiMora, Durant, ERA, Everett-Morrison, EarthRoamer, Electra Meccanica, Elva, Envemo, Erskine, Excalibur,
Excelsior-Henderson, Farmall, Fiat-Abarth=Abarth-Fiat, Fiberfab, Ford-Willys, Fordson, Forest River, Frazer Nash=Frazer-Nash,
Fuji, GAZ, Gas Gas, Gilera, Glas, Goggomobil, Gordon-Keeble, Grumman, Gurgel, HRG, Healey, Heinkel, Henderson,
Henry J, Hesketh, Hispano, Horch, Hotchkiss, Humber, Hurricane Motorsports, Hurtan, Icon, Invicta, Isotta Fraschini=Isotta-Fraschini, Itasca,
Jawa, JPS Motorsports, Jayco, John Deere, Jowett, Kaiser-Frazer, Kaiser Jeep, Kamaz, Kellison, Kirkham, Kissel,
Kreidler, Kubota, Laforza, Laverda, Lea-Francis, Leisure Travel Vans, Leyland, Ligier, LiveWire, Lister, Lloyd,
Locomobile, Lola, London Taxi, Lone Star Classics, Lynk & Co, MZ, Magirus-Deutz, Maico, Marmon, Massey Ferguson, Massey-Ferguson, Matchless,
Maxwell, Mercer, Meyers Manx, Midwest Automotive Designs, Minerva, Mitsuoka, Moke America, Monteverdi, Montesa, Mosler, Moskvitch,
Muntz, Nash-Healey, Nio, Oakland, Ossa, OSCA, Otosan, Panhard, Peel, Peerless, Pegaso, Perodua,
Pinzgauer=Steyr-Daimler-Puch, Pleasure-Way, Porsche-Diesel=Porsche Diesel, Pope-Hartford, Precision Cobras=Precision Cobra, Proton, Puma, Railton, RCR, Rickenbacker, Roadtrek,
Rossion, Rupp, Salmson, Saurer, Seagrave, Shay, Shell Valley, Sherco, Siata, Ski-Doo, Spartan, SsangYong,
Stanley, Stevens-Duryea, Stewart & Stevenson, Stoewer, Street Beasts, Storyteller Overland, Tata, Terraplane, Thor, Tiffin, Tornado,
Trident, Turner, UAZ, Ultimate Classic Cars, Unique Motorcars, Velocette, Veritas, Vignale, Vincent, Vintage Speedsters, Voisin, Volga, Wanderer, Wartburg,
Whippet, Winnebago, Yamaha Star, ZAZ, ZIL, Zero Motorcycles, Zündapp=Zundapp`;

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

/** The rare maker that a text starts with and what follows it; the longest name wins. */
export function rareMakeAtStart(text: string): { make: string; rest: string } | null {
  const words = text.trim().split(/\s+/);
  for (let count = Math.min(MOST_WORDS, words.length); count > 0; count--) {
    const name = words.slice(0, count).join(" ").toLowerCase().replace(/-/g, " ");
    const make = BY_WORDS.get(name.replace(/[.,:;!]+$/, ""));
    if (make !== undefined) return { make, rest: words.slice(count).join(" ") };
  }
  return null;
}
