/** The six sites of the redesign: how each wrote its pages, and what it changed. */

/** What a page states of its vehicle, by the fields of `vehicles`. */
export const SHOWN = [
  "year",
  "make",
  "model",
  "vin",
  "mileage",
  "color",
  "interior_color",
  "engine",
  "transmission",
  "drivetrain",
  "body_style",
  "asking_price",
  "location",
] as const;
export type Shown = typeof SHOWN[number];

/** Three pages in ten lack each of these. */
export const OPTIONAL: ReadonlySet<Shown> = new Set(["interior_color", "drivetrain", "location"]);

/** What changes besides the markup for machines, which every redesign drops. */
type Change =
  | "classes renamed"
  | "rows in another order"
  | "table to definition list"
  | "labels reworded"
  | "labels removed"
  | "numbers in another form";

type Labels = Readonly<Record<Shown, string>>;

export interface RedesignSite {
  /** 0 to 5: its cars are no other site's. */
  index: number;
  host: string;
  change: Change;
  /** How it marked its pages up before. */
  markup: "json_ld" | "microdata";
  /** What stood before the values, and what stands there now. */
  before: Labels;
  after: Labels;
}

const labels = (line: string): Labels => {
  const words = line.split("|");
  return Object.fromEntries(SHOWN.map((field, at) => [field, words[at] ?? field])) as Labels;
};

const PLAIN = labels(
  "Built|Maker|Model line|Serial number|On the clock|Paint|Cabin|Power unit|Shifting|Driven wheels|Shape|Our figure|Stands in",
);
const SHORT = labels(
  "MY|Mk.|Mdl.|V.I.N.|Odo|Ext.|Int.|Eng.|Trans.|Drv.|Style|Ask|City",
);
const REWORDED = labels(
  "Vintage|Badge|Series name|Frame no.|Distance covered|Finish|Trim inside|Under the bonnet|Gears|Traction|Type of car|What we ask|Where to see it",
);

const site = (
  index: number,
  host: string,
  change: Change,
  markup: RedesignSite["markup"],
  [before, after]: [Labels, Labels],
): RedesignSite => ({ index, host, change, markup, before, after });

export const REDESIGN_SITES: readonly RedesignSite[] = [
  site(0, "renamed-motors.example", "classes renamed", "microdata", [PLAIN, PLAIN]),
  site(1, "shuffled-cars.example", "rows in another order", "json_ld", [SHORT, SHORT]),
  site(2, "relisted-autos.example", "table to definition list", "microdata", [PLAIN, PLAIN]),
  site(3, "reworded-wheels.example", "labels reworded", "json_ld", [PLAIN, REWORDED]),
  site(4, "bare-garage.example", "labels removed", "json_ld", [SHORT, SHORT]),
  site(5, "renumbered-lot.example", "numbers in another form", "json_ld", [SHORT, SHORT]),
];
