import { isOrdinaryWord } from "./ordinary_words.ts";
import { keyOf, nearlySame, type Token } from "./tokens.ts";

/** What a word behind a model's name is: its trim, its cab or body, or how it is driven. */
type VariantKind = "trim" | "cab" | "body" | "drive";

interface Variant {
  /** In the usual way of writing: "EX-L", "Crew Cab". */
  text: string;
  kind: VariantKind;
  count: number;
}

/** Further spellings stand behind "=". */
const NAMES: Readonly<Record<VariantKind, string>> = {
  trim:
    "S, SE, SEL, SES, SEL Plus, SL, SLE, SLE1, SLE2, SLT, SLT1, SLT2, SR, SR5, SV, SX, SXL, SXT, SXT Plus, " +
    "SSEi, SST, SE-R, SE-R Spec V, SVT, SVR, SRT, SRT4, SRT8, SRT-8, SRT-10, SRT Hellcat, Hellcat, Scat Pack, " +
    "L, LE, LE Plus, LS, LT, LT1, LT2, LTZ, LX, LX-S, LXS, LXi, LX-P, Z71, Z85, Z28, Z-28=Z 28, Z06, Z51, ZR1, ZR2, ZL1, 1LT, 2LT, 3LT, 1LS, 2SS, 1SS, 1LZ, " +
    "DX, EX, EX-L, EX-T, EXT, EX V6, XL, XLE, XLE V6, XLS, XLT, XSE, XRS, XR, XE, X, XTR, WT=W/T=Work Truck, LTD, ESV, EL, ES, ESi, E, " +
    "GL, GLE, GLS, GLI, GLX, GT, GTS, GTP, GXP, GS, GSX, GSR, GS-R, GST, GTI, GTX, GR, R, RS, R/T=RT, RT Plus, RXT, RTL, RTL-E, RTL-T, RTS, Si, SI, SiR, SH-AWD, " +
    "Type R, Type S, Type-R=TypeR, Type-S, A-Spec, Advance, Black Edition, Black Label, Black Widow, Special Edition, Limited Edition, Anniversary Edition, " +
    "Midnight Edition, Night Edition, Black Series, Sport Edition, Launch Edition, Trail Edition, Nightshade, Nightshade Edition, Texas Edition, " +
    "Limited, Platinum, Premium, Premium Plus, Premium Luxury, Prestige, Luxury, Ultimate, Signature, Select, Reserve, Elite, Essence, Preferred, Premier, " +
    "Sport, Sport S, Sport Touring, Touring, Touring-L, Grand Touring, Touring Elite, Sport Design, Technology, Tech, Tech Package, Calligraphy, N Line, N-Line, R-Line=R Line, S-Line=S Line, M Sport=MSport, F Sport=FSport, AMG, Competition, " +
    "Lariat, King Ranch, Eddie Bauer, Harley Davidson Edition, FX2, FX4, STX, ST, ST-Line, Tremor, Raptor, Titanium, Titanium Plus, Super Duty, Splash, Edge, " +
    "Laramie, Laramie Longhorn, Longhorn, Laramie Limited, Big Horn=Bighorn, Lone Star, Tradesman, Express, Rebel, Outdoorsman, SLT Plus, HFE, TRX, Classic, Power Wagon, Warlock, " +
    "Denali, Denali XL, Denali Ultimate, AT4, Elevation, High Country, LT Trail Boss, Trail Boss, Custom, Custom Trail Boss, Midnight, Rally Sport, Grand Sport, Stingray, IROC-Z=IROC Z, IROC, Berlinetta, " +
    "Sahara, Rubicon, Willys, Willys Wheeler, Overland, Laredo, Summit, Trailhawk, Latitude, Latitude Plus, Altitude, High Altitude, Freedom Edition, Renegade, Golden Eagle, Laredo E, Unlimited, Unlimited Sport, " +
    "TRD, TRD Pro, TRD Off-Road=TRD Off Road, TRD Sport, PreRunner=Pre Runner=Prerunner, PRO-4X=Pro 4X, Pro-X, Desert Runner, Nismo, Spec V, STI, 2.5i, 2.5i Premium, 2.5i Limited, 3.6R, 3.6R Limited, 2.5 S, 2.5 SL, 2.5 SV, 2.5 SR, 2.5X, 3.5 SE, 3.5 SL, 3.5 SV, 3.5 S, LL Bean=L.L. Bean, LL Bean Edition, Wilderness, Onyx, " +
    "TDI, TSI, TFSI, 1.8T, 2.0T, 2.5T, 2.0T quattro, T5, T6, T8, Inscription, Momentum, R-Design, Wolfsburg, Wolfsburg Edition, SEL Premium, Highline, Autobahn, Executive, " +
    "Hybrid, Plug-in Hybrid, Energi, EV, PHEV, Turbo, Turbo S, Carrera, Carrera S, Carrera 4, Carrera 4S, Targa, 4S, GTS 4.0, Super Sport, SS, Cobra, Mach 1, Bullitt, Boss 302, California Special, Shelby, EcoBoost, Premiere Edition, Pacific Coast, " +
    "Brougham, Royale, Supreme, Custom Deluxe, Scottsdale, Cheyenne, Silverado, Sierra Classic, Bonanza, Formula, Trans Am, WS6, SC, SE2, XLS Sport, FX, Country, Luxury Swell, Esquire, Anniversary, " +
    "1500, G1500, G2500, G3500, 1500HD, 2500, 2500HD=2500 HD, 3500, 3500HD=3500 HD, HD, XD, XL, Max, 50th Anniversary, 35th Anniversary, 45th Anniversary, 30th Anniversary, 25th Anniversary, Loaded Limited",
  cab:
    "Crew Cab=CrewCab=Crewcab=Crew-Cab, Extended Cab=Ext Cab=ExtCab=Ext. Cab, Quad Cab=QuadCab, Mega Cab=MegaCab, King Cab=KingCab, Club Cab=ClubCab, " +
    "Double Cab=DoubleCab, Access Cab=AccessCab, Regular Cab=RegularCab=Reg Cab=Single Cab, SuperCrew=Super Crew=SuperCrew Cab=Super Crew Cab, SuperCab=Super Cab, CrewMax=Crew Max, " +
    "Crew, Dually=DRW, Long Bed=Longbed=LWB, Short Bed=Shortbed, Stepside=Step Side, Fleetside, Flareside, Xtra Cab=Xtracab, Cab & Chassis=Cab and Chassis=Cab Chassis=Chassis Cab",
  body:
    "Convertible, Coupe, Sedan, Wagon, Sport Wagon=Sports Wagon, Station Wagon, Sport Utility=Sports Utility=Sport Utility Vehicle, Sport Coupe=Sports Coupe, Sport Sedan=Sports Sedan, Club Coupe, Business Coupe, Touring Sedan, Touring Car, Hatchback, Hatch, Cabriolet, Roadster, Spyder, Spider, Van, Cargo Van, Passenger Van, Minivan, Shuttle Bus, School Bus, " +
    "Box Truck, Dump Truck, Crane Truck, Trash Truck, Bucket Truck, Tow Truck, Flatbed, Cutaway, Hardtop, Fastback, SportWagen, Avant, Allroad, Tudor, Fordor, Coach, Pickup Truck",
  drive:
    "4x4=4WD=4-wheel drive=Four Wheel Drive=4 x 4, AWD=All Wheel Drive, 4Matic=4-Matic, xDrive, quattro, 4Motion, 2WD=4x2=2 Wheel Drive, RWD, FWD",
};

const BY_KEY = new Map<string, { text: string; kind: VariantKind }>();
for (const kind of ["drive", "body", "cab", "trim"] as const) {
  for (const entry of NAMES[kind].split(",")) {
    const spellings = entry.trim().split("=");
    for (const spelling of spellings) {
      BY_KEY.set(keyOf(spelling), { text: spellings[0] ?? "", kind });
    }
  }
}
const MOST_WORDS = 3;

/** Names long enough that a slip of the pen ("Larime") is told from another word. */
const LONG = [...BY_KEY.keys()].filter((key) => key.length >= 6 && /^[a-z]+$/.test(key));

/**
 * The trim, cab, body or drive that starts at a word; the longest name wins.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tokensOf } from "./tokens.ts";
 *
 * assert.deepEqual(variantAt(tokensOf("crewcab xlt"), 0), { text: "Crew Cab", kind: "cab", count: 1 });
 * ```
 */
export function variantAt(tokens: readonly Token[], at: number): Variant | null {
  const found = writtenVariantAt(tokens, at);
  if (found !== null) return found;
  const own = tokens[at]?.key ?? "";
  const meant = own.length < 6 || isOrdinaryWord(own)
    ? undefined
    : LONG.find((name) => nearlySame(own, name, name.length >= 7 ? 6 : 7));
  const known = meant === undefined ? undefined : BY_KEY.get(meant);
  return known === undefined ? null : { ...known, count: 1 };
}

/** The same, without a slip of the pen. */
export function writtenVariantAt(tokens: readonly Token[], at: number): Variant | null {
  let key = "";
  let found: Variant | null = null;
  for (let count = 1; count <= MOST_WORDS && at + count <= tokens.length; count++) {
    key += tokens[at + count - 1]?.key ?? "";
    const known = BY_KEY.get(key);
    if (known !== undefined) found = { ...known, count };
  }
  return found;
}

/** The same for a text that is nothing else; `null` when it is no known variant. */
export function variantKind(text: string): VariantKind | null {
  return BY_KEY.get(keyOf(text))?.kind ?? null;
}
