/** Made-up pages in the ways in which sites mark up a car. */
export const MADE_UP: Readonly<Record<string, string>> = {
  "dealer-json-ld.page":
    "https://www.smith-motors.example/used/2018-honda-odyssey-5FNRL6H72JB054602",
  "graph-and-similar-cars.page": "https://autohaus.example/gebraucht/porsche-911-1989/",
  "microdata.page": "https://classics.example/cars/1967-jaguar-e-type/",
  "several-cars.page": "https://cars.example/search?make=honda",
  "open-graph.page": "https://www.coastal-classics.example/vehicles/5521/1967-jaguar-e-type",
  "product-with-properties.page": "https://www.valley-auto.example/used/subaru-outback-1187/",
  "car-among-similar.page":
    "https://www.great-autos.example/cars-for-sale/vehicle/699142094?city=reno",
  "carscom-older.page": "https://www.cars.com/vehicledetail/5b1f/",
  "carsandbids-sold.page": "https://carsandbids.com/auctions/3abc/1999-bmw-m3-coupe",
  "ksl-listing.page": "https://cars.ksl.com/listing/10224357",
  "pcarmarket-unsold.page": "https://www.pcarmarket.com/auction/1988-porsche-911-carrera-coupe-7",
};

/** The markup of one of them. */
export function madeUpPage(file: string): string {
  return Deno.readTextFileSync(new URL(`./pages/${file}`, import.meta.url));
}
