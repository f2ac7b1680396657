/** The cars of a made population, and how their VINs are: right, none, copied, a dealer's template. */
import type { Chance } from "./population_chance.ts";
import { hasCheckDigit, withCheckDigit } from "./population_vins.ts";

export interface Car {
  number: number;
  kind: "right" | "european" | "none" | "chassis" | "template" | "clone";
  vin: string | null;
  year: number;
  make: string;
  model: string;
  trim: string;
  color: string;
  mileage: number;
  /** New, so that no page states one. */
  hasNoMileage: boolean;
  price: number;
  seller: string;
  /** The host of the dealer who has it. */
  ownSite: string | null;
  /** The day on which it is found first. */
  day: number;
  /** Found at the end of an auction. */
  isAuctioned?: true;
  mostListings: number;
  /** The rule has no way to say which car a listing of this VIN is. */
  cannotBeTold: boolean;
}

const MODELS: Record<string, string[]> = {
  Porsche: ["911 Carrera", "Cayenne", "Boxster", "Macan"],
  BMW: ["M3", "X5", "330i", "Z4"],
  Ford: ["F-150", "Explorer", "Mustang", "Escape"],
  Chevrolet: ["Corvette", "Silverado", "Tahoe", "Camaro"],
  Toyota: ["Camry", "Tacoma", "Land Cruiser", "Supra"],
  Honda: ["Civic", "Accord", "Pilot", "NSX"],
  "Mercedes-Benz": ["C-Class", "SL500", "G-Wagen", "E320"],
};
const WMI: Record<string, string> = {
  Porsche: "WP0",
  BMW: "WBS",
  Ford: "1FA",
  Chevrolet: "1G1",
  Toyota: "JT2",
  Honda: "1HG",
  "Mercedes-Benz": "WDB",
};
const COLORS = [
  "Guards Red",
  "Alpine White",
  "Jet Black",
  "Midnight Blue",
  "Racing Green",
  "Polar Silver",
];
const DEALERS = 12;
const LETTERS = [..."ABCDEFGHJKLMNPRSTUVWXYZ"];

export function makeCars(count: number, chance: Chance): Car[] {
  const cars: Car[] = [];
  const add = (kind: Car["kind"], more: Partial<Car> = {}) => {
    const car = { ...makeCar(cars.length, kind, chance), ...more };
    cars.push(car);
    return car;
  };
  const share = (part: number) => Math.round(count * part);

  // Dealers with one VIN on all cars, most of them of one make and of few years.
  for (let left = share(0.03); left > 0;) {
    const many = chance.happens(0.3)
      ? Math.min(left, chance.integer(6, 120))
      : Math.min(left, chance.integer(2, 5));
    addTemplate(add, many, chance);
    left -= many;
  }
  for (let pair = 0; pair < share(0.0075); pair++) addClones(add, chance);
  for (let pair = 0; pair < share(0.0025); pair++) {
    // One VIN, make and year, in two auctions in one week.
    const day = chance.integer(10, 200);
    const alike = { isAuctioned: true, cannotBeTold: true } as const;
    const { vin, year, make, model } = add("clone", { ...alike, day, mostListings: 2 });
    add("clone", {
      ...alike,
      vin,
      year,
      make,
      model,
      day: day + chance.integer(0, 4),
      mostListings: 1,
    });
  }
  for (let n = 0; n < share(0.06); n++) add("none", { vin: null });
  for (let n = 0; n < share(0.03); n++) {
    add("chassis", { vin: String(chance.integer(1000, 9999)), year: chance.integer(1950, 1980) });
  }
  for (let n = 0; n < share(0.06); n++) add("european");
  while (cars.length < count) add("right");
  return cars;
}

function makeCar(number: number, kind: Car["kind"], chance: Chance): Car {
  const make = chance.of(Object.keys(MODELS));
  const year = chance.integer(1990, 2024);
  const dealer = chance.integer(1, DEALERS);
  const isDealers = chance.happens(0.7);
  const mileage = chance.integer(10, 180) * 1000 + chance.integer(0, 999);
  return {
    number,
    kind,
    vin: madeVin(make, kind === "european", number, chance),
    year,
    make,
    model: chance.of(MODELS[make] ?? []),
    trim: chance.of(["Base", "Sport", "Limited", "Touring"]),
    color: chance.of(COLORS),
    mileage,
    hasNoMileage: false,
    price: chance.integer(5, 120) * 1000,
    seller: isDealers ? `Dealer ${dealer}` : chance.name(),
    ownSite: isDealers ? `dealer-${dealer}.example` : null,
    day: chance.integer(0, 200),
    mostListings: 5,
    cannotBeTold: false,
  };
}

/** The serial is the car's number, so that cars made one after the other have neighbours' VINs. */
function madeVin(make: string, isEuropean: boolean, number: number, chance: Chance): string {
  const type = Array.from({ length: 5 }, () => chance.of(LETTERS)).join("");
  const serial = `${chance.of(LETTERS)}${chance.of(LETTERS)}${String(number).padStart(6, "0")}`;
  if (!isEuropean) return withCheckDigit(`${WMI[make]}${type}0${serial}`);
  for (const filler of ["Z", "A"]) {
    const vin = `${WMI[make]}ZZZ${type.slice(0, 2)}${filler}${serial}`;
    if (!hasCheckDigit(vin)) return vin;
  }
  throw new Error("a letter other than X is no check digit");
}

type Add = (kind: Car["kind"], more?: Partial<Car>) => Car;

function addTemplate(add: Add, cars: number, chance: Chance): void {
  const seller = `Dealer ${chance.integer(1, DEALERS)}`;
  const first = add("template", {
    seller,
    ownSite: seller.toLowerCase().replace(" ", "-") + ".example",
  });
  const isFranchise = chance.happens(0.7);
  // New ones, of which a page says no more than what they are.
  const areNew = chance.happens(0.3);
  for (let n = 0; n < cars; n++) {
    const make = isFranchise ? first.make : chance.of(Object.keys(MODELS));
    const more: Partial<Car> = {
      ...{
        seller,
        ownSite: first.ownSite,
        vin: first.vin,
        make,
        model: chance.of(MODELS[make] ?? []),
      },
      year: isFranchise ? first.year - (n % 3 === 2 ? 1 : 0) : chance.integer(2015, 2024),
      day: first.day + chance.integer(0, 5),
      hasNoMileage: areNew,
      mostListings: 3,
      cannotBeTold: true,
    };
    if (n === 0) {
      Object.assign(first, more, { make: first.make, model: first.model, year: first.year });
    } else add("template", more);
  }
}

function addClones(add: Add, chance: Chance): void {
  const one = add("clone");
  const isOtherMake = chance.happens(0.5);
  const make = chance.of(Object.keys(MODELS).filter((it) => it !== one.make));
  add("clone", {
    vin: one.vin,
    ...isOtherMake ? { make, model: MODELS[make]?.[0] ?? "" } : {
      ...{ make: one.make, model: one.model },
      // Not by one: a page that says the year wrong makes it the other's.
      year: one.year + chance.of([-4, -3, 3, 4]),
    },
    mostListings: 2,
  });
  one.mostListings = 3;
}
