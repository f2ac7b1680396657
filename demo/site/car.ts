import type { Model } from "./cars.ts";
import type { Car } from "./listing.ts";
import type { Random } from "./random.ts";
import { chassisNumber } from "./vin.ts";
import { PAINTS, UPHOLSTERY } from "./words.ts";

function drawMileage(random: Random, year: number): Pick<Car, "miles" | "mileageText"> {
  const draw = random.next();
  if (draw < 0.06) return { miles: null, mileageText: null };
  if (draw < 0.12) {
    const few = random.int(40, 950);
    return { miles: few, mileageText: `${few} Miles` };
  }
  const thousands = random.int(3, year < 1981 ? 98 : 180);
  if (draw < 0.2) {
    const kilometers = Math.round(thousands * 1.609);
    return {
      miles: thousands * 1000,
      mileageText: `${kilometers}k Kilometers (~${thousands}k Miles)`,
    };
  }
  return {
    miles: thousands * 1000,
    mileageText: `${thousands}k Miles${draw < 0.4 ? " Shown" : ""}`,
  };
}

/** A car of a model; different serials give different chassis numbers. */
export function drawCar(random: Random, model: Model, serial: number): Car {
  const year = random.int(model.years[0], model.years[1]);
  const { make, group, origin, body, engine, gearbox, drive } = model;
  return {
    year,
    make,
    model: model.model,
    group,
    origin,
    body,
    vin: chassisNumber(model.chassis, year, serial),
    ...drawMileage(random, year),
    paint: random.pick(PAINTS),
    repainted: year < 1981 && random.chance(0.3),
    interior: random.pick(UPHOLSTERY),
    engine,
    gearbox,
    drive,
    statesDrive: random.chance(0.4),
  };
}

/** Three paragraphs about the car that name no price, VIN or mileage. */
export function describe(car: Car, seller: string, dealer: boolean): string[] {
  const colour = `${car.paint.name} over ${car.interior.toLowerCase()}`;
  return [
    `On offer here is a ${car.year} ${car.make} ${car.model} in ${colour}. ` +
    `Engine and gearbox: ${car.engine}, ${car.gearbox}. Everything works, and it comes with its papers in order.`,
    `${
      dealer ? "The selling dealer" : `The owner, ${seller},`
    } kept it indoors & drove it on dry days. ` +
    `Wear is what one expects at this age; the photographs show both doors' sills and the floor.`,
    `It starts from cold without fuss. The last service was carried out before it was listed.`,
  ];
}
