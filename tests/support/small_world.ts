/** The smallest things that the test runner and the demo can be given. */
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { projectFiles } from "../../scripts/check/files.ts";

/** What a person reads on the page below. */
const stated = {
  file: "dealer/jetta.html",
  url: "https://dealer.example/cars/2015-volkswagen-jetta-1",
  year: 2015,
  make: "Volkswagen",
  model: "Jetta",
  vin: "3VWD17AJ9FM308841",
  mileage: 61_234,
};

const page = `<!doctype html>
<title>2015 Volkswagen Jetta</title>
<script type="application/ld+json">${
  JSON.stringify({
    "@context": "https://schema.org",
    "@type": "Car",
    name: "2015 Volkswagen Jetta",
    vehicleModelDate: String(stated.year),
    brand: stated.make,
    model: stated.model,
    vehicleIdentificationNumber: stated.vin,
    mileageFromOdometer: {
      "@type": "QuantitativeValue",
      value: String(stated.mileage),
      unitCode: "SMI",
    },
  })
}</script>
<h1>2015 Volkswagen Jetta</h1>
`;

/** Makes a folder of one saved page, as `demo --corpus` takes it. */
export function writeOnePageCorpus(folder: string): void {
  Deno.mkdirSync(join(folder, "dealer"), { recursive: true });
  Deno.writeTextFileSync(join(folder, stated.file), page);
  Deno.writeTextFileSync(
    join(folder, "MANIFEST.tsv"),
    `file\turl\tkind\n${stated.file}\t${stated.url}\tdetail\n`,
  );
  Deno.writeTextFileSync(join(folder, "truth.jsonl"), `${JSON.stringify(stated)}\n`);
}

/** The pgTAP file with the fewest bytes; its path within the project. */
export function shortestSqlTest(): string {
  const size = (path: string) => Deno.statSync(join(projectRoot, path)).size;
  const [shortest] = projectFiles("supabase/tests", ".sql").toSorted((a, b) => size(a) - size(b));
  if (shortest === undefined) throw new Error("There are no pgTAP files in supabase/tests.");
  return shortest;
}
