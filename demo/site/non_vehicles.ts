import type { NonVehicle } from "./listing.ts";

/** Something that Bring a Trailer sells beside cars. */
interface NonVehicleKind extends NonVehicle {
  title: string;
  /** Whether the title alone tells that it is no vehicle; else only the page does. */
  titleTells: boolean;
  about: string;
  price: number;
}

const PARTS = "Parts & Automobilia";

const kind = (
  titleTells: boolean,
  title: string,
  price: number,
  about: string,
  ...details: string[]
): NonVehicleKind => ({ title, titleTells, price, about, details, group: PARTS });

/** Signs, wheels, parts, a pinball machine, karts, and models that bear a whole car's name. */
export const NON_VEHICLES: readonly NonVehicleKind[] = [
  kind(true, "Neon Porsche Sign", 3_200, "neon sign", "48″ Wide", "Blue and Red Tubes"),
  kind(false, "1967 Ferrari 330 P4 by Amalgam", 9_500, "model", "1:8 Scale", "Display Case"),
  kind(true, "16×6″ and 16×7″ Fuchs Wheels for Porsche 911", 4_100, "set of four", "Forged Alloy"),
  kind(
    true,
    "Williams Indianapolis 500 Pinball Machine",
    5_600,
    "pinball machine",
    "Coin-Operated",
  ),
  kind(true, "Ferrari Formula 1 Go-Kart", 2_900, "go-kart", "Five-Horsepower Engine", "Fiberglass"),
  kind(
    true,
    "Mercedes-Benz 300SL Tool Kit",
    6_800,
    "tool kit",
    "Leather Roll",
    "Jack and Lug Wrench",
  ),
  kind(
    false,
    "1957 Chevrolet Bel Air by the Danbury Mint",
    400,
    "model",
    "1:24 Scale",
    "Certificate",
  ),
  kind(true, "Pair of Recaro Seats for BMW M3", 1_900, "pair of seats", "Black Cloth Inserts"),
  kind(true, "1965 Ford Mustang Pedal Car", 750, "pedal car", "Pressed Steel"),
  kind(true, "Chevrolet LS3 Crate Engine", 8_300, "crate engine", "Sealed Crate", "Build Sheet"),
];
