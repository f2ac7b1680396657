/**
 * World manufacturer identifiers (ISO 3780; the registry is SAE's, published in NHTSA's vPIC): the first
 * characters of a VIN → the makers that built under them. Only those that one maker or group uses alone.
 */
const MAKERS: readonly [RegExp, string][] = [
  [/^(?:WAU|WA1|WUA|TRU|93U)/, "Audi"],
  [/^(?:WBA|WBS|WBX|WBY|5UX|5UM|5YM|4US|3MW)/, "BMW,Alpina"],
  [/^WP[01]/, "Porsche"],
  [/^(?:WVW|WVG|WV[12]|3VW|1VW|1V2|3VV|9BW|8AW)/, "Volkswagen"],
  [
    /^(?:WDB|WDC|WDD|WDF|W1K|W1N|W1V|4JG)/,
    "Mercedes-Benz,Maybach,AMG,Smart,Mercedes-AMG,Mercedes-Maybach",
  ],
  [/^(?:TMB|XW8)/, "Skoda"],
  [/^VSS/, "Seat,Cupra"],
  [/^SAJ/, "Jaguar,Daimler"],
  [/^SAL/, "Land Rover,Range Rover"],
  [/^SC[A]/, "Rolls-Royce,Bentley"],
  [/^SCB/, "Bentley,Rolls-Royce"],
  [/^SCC/, "Lotus"],
  [/^SCF/, "Aston Martin"],
  [/^SBM/, "McLaren"],
  [/^WMW/, "Mini"],
  [/^(?:YV1|YV4|7JR)/, "Volvo"],
  [/^YS3/, "Saab"],
  [/^(?:ZFF|ZDF)/, "Ferrari"],
  [/^(?:ZHW|ZPB)/, "Lamborghini"],
  [/^(?:ZAM|ZN6)/, "Maserati"],
  [/^ZAR/, "Alfa Romeo"],
  [/^VF1/, "Renault,Alpine,Dacia"],
  [/^UU1/, "Dacia,Renault"],
  [/^VF3/, "Peugeot"],
  [/^VF7/, "Citroen"],
  [/^(?:JHM|1HG|2HG|5FN|5J6|2HK|19X|SHH|SHS|3HG|5FP)/, "Honda"],
  [/^(?:JH4|19U|5J8|2HN|2HH)/, "Acura"],
  [/^(?:JTD|JTE|JTM|JTN|4T[134]|5T[DEF]|2T[13]|3TM|1NX|SB1|VNK)/, "Toyota,Scion,Pontiac,Subaru"],
  [/^(?:JTH|JTJ|2T2|58A)/, "Lexus"],
  [/^(?:JN1|JN8|1N4|1N6|3N1|5N1)/, "Nissan,Datsun,Infiniti"],
  [/^(?:JNK|JNR|JNX|5N3)/, "Infiniti"],
  [/^(?:JF[12]|4S3|4S4)/, "Subaru,Saab,Scion,Toyota,Isuzu,Honda"],
  [/^(?:JM[13]|3MZ|3MV)/, "Mazda,Toyota,Scion,Ford"],
  [/^(?:KMH|KM8|5NP|5NM|TMA)/, "Hyundai,Genesis"],
  [/^(?:KNA|KND|5XX|5XY|3KP|U5Y)/, "Kia,Hyundai"],
  [/^KMT/, "Genesis,Hyundai"],
  [/^(?:5YJ|7SA|7G2|LRW|XP7)/, "Tesla"],
  [
    /^(?:1FA|1FM|1FT|1FD|2FM|2FT|3FA|WF0|1ZV|NM0)/,
    "Ford,Mercury,Shelby,Mazda,Roush,Saleen,Lincoln",
  ],
  [/^(?:1LN|2LM|5LM|5LT|3LN)/, "Lincoln,Mercury"],
  [/^(?:1G1|2G1|3G1|1GN|1GC|2GC|3GC|3GN|KL8)/, "Chevrolet,GMC,Geo,Pontiac,Holden"],
  [/^(?:1G2|2G2)/, "Pontiac"],
  [/^1G3/, "Oldsmobile"],
  [/^(?:1G4|2G4|5GA)/, "Buick"],
  [/^(?:1G6|1GY)/, "Cadillac"],
  [/^(?:1GT|2GT|3GT|1GK|2GK|3GK)/, "GMC,Chevrolet,Hummer"],
  [/^1G8/, "Saturn"],
  [/^(?:5GR|5GT)/, "Hummer"],
  [/^(?:1C4|1J4|1J8|1C8)/, "Jeep,Chrysler,Dodge"],
  [/^(?:1C6|3C6|1D7|3D7|1B7|3B7)/, "Ram,Dodge"],
  [/^(?:2C3|2B3|2D3)/, "Chrysler,Dodge,Lancia,Plymouth,Eagle"],
];

/**
 * The makers whose VINs start like this one; `null` where that is not known.
 *
 * @example
 * ```ts
 * import { makersOfVin } from "./wmi.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(makersOfVin("WP0AB2A98DS420001"), ["Porsche"]);
 * assert.equal(makersOfVin("CCY333S128408"), null);
 * ```
 */
export function makersOfVin(vin: string): readonly string[] | null {
  if (vin.length !== 17) return null;
  return MAKERS.find(([start]) => start.test(vin))?.[1].split(",") ?? null;
}

const plain = (name: string) => name.normalize("NFKD").replace(/[^\p{L}]/gu, "").toLowerCase();
const NAMED = new Set(MAKERS.flatMap(([, names]) => names.split(",").map(plain)));

/** Whether a maker numbers its vehicles itself; one that builds on another's chassis keeps that one's VIN. */
function hasOwnVins(make: string): boolean {
  return NAMED.has(plain(make));
}

/** Whether a maker built under the identifier of a VIN; `true` where that is not known. */
export function isMakersVin(vin: string, make: string): boolean {
  const makers = makersOfVin(vin);
  return makers === null || !hasOwnVins(make) || makers.some((one) => plain(one) === plain(make));
}
