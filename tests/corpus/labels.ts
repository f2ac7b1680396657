import type { LineKind } from "../../supabase/functions/_shared/vehicle/listing_lines.ts";
import { draw, fiveDetails, readCsv, type Row } from "./csv.ts";

/** How the labelled rows were drawn: from all rows, then more from where parts are frequent. */
const FROM_ALL = { seed: 20_261_122, count: 320 };
const FROM_STRATUM = { seed: 20_261_123, count: 110 };

const KINDS: Readonly<Record<string, LineKind>> = {
  c: "chassis",
  m: "mileage",
  e: "engine",
  t: "transmission",
  d: "drivetrain",
  x: "color",
  i: "interior_color",
  s: "seller",
  o: "other",
};

/** A row of `bat-listings.csv` as a person reads it, beside the row. */
export interface Labelled {
  id: number;
  title: string;
  details: string[];
  /** The maker under which the site files it. */
  filed: string;
  isVehicle: boolean;
  year: number | null;
  make: string | null;
  model: string | null;
  trim: string | null;
  /** What each detail states; as many as there are details. */
  kinds: LineKind[];
}

const LABELS = new URL("./labels/bat-listings.tsv", import.meta.url);

/** All rows of results of the corpus folder. */
export async function resultRows(corpusDir: string): Promise<Row[]> {
  return readCsv(await Deno.readTextFile(`${corpusDir}/bat-listings.csv`));
}

/**
 * The numbers of the rows to label. The stratum is what the site files as parts, or states no
 * chassis number of; in it about two rows of three are no vehicles, among all one in twenty.
 */
export function sampled(rows: readonly Row[]): number[] {
  const all = draw(rows.map((_, at) => at), FROM_ALL.count, FROM_ALL.seed);
  const taken = new Set(all);
  const stratum = rows.flatMap((row, at) => {
    const numbered = fiveDetails(row).some((line) => /^(?:chassis|vin|frame|serial)/i.test(line));
    return taken.has(at) || (numbered && !row.make?.startsWith("Parts")) ? [] : [at];
  });
  return [...all, ...draw(stratum, FROM_STRATUM.count, FROM_STRATUM.seed)];
}

/** The labelled rows. Throws when a label has no kind for a detail. */
export async function labelled(rows: readonly Row[]): Promise<Labelled[]> {
  const lines = (await Deno.readTextFile(LABELS)).split("\n")
    .filter((line) => line !== "" && !line.startsWith("#")).slice(1);
  return lines.map((line) => {
    const [id = "", what, year, make, model, trim, kinds = ""] = line.split("\t");
    const row = rows[Number(id)] ?? {};
    const given = fiveDetails(row).flatMap((detail, at) => {
      const kind = KINDS[kinds[at] ?? ""];
      if ((kind === undefined) !== (detail === "")) throw new Error(`row ${id}: detail ${at + 1}`);
      return kind === undefined ? [] : [{ detail, kind }];
    });
    return {
      id: Number(id),
      title: row.title ?? "",
      details: given.map(({ detail }) => detail),
      filed: row.make ?? "",
      isVehicle: what === "v",
      year: year ? Number(year) : null,
      make: make || null,
      model: model || null,
      trim: trim || null,
      kinds: given.map(({ kind }) => kind),
    };
  });
}
