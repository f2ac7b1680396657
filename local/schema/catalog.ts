/** What a database is made of, so that two can be compared. */
import { z } from "zod";
import { connectAs } from "../postgres/sql.ts";

const rows = z.array(
  z.object({ kind: z.string(), name: z.string(), definition: z.string().nullable() }),
);
export type CatalogRow = z.infer<typeof rows>[number];

/** All objects of a database, and its rows, buckets and cron jobs. */
export async function readCatalog(port: number): Promise<CatalogRow[]> {
  return [...await readObjects(port), ...await readSeeds(port)];
}

/** The objects that the schemas `public` and `private` are made of. */
export function readObjects(port: number): Promise<CatalogRow[]> {
  return query(port, "catalog.sql");
}

/** All rows, buckets and cron jobs: of an empty database its seeds. */
export function readSeeds(port: number): Promise<CatalogRow[]> {
  return query(port, "seeds.sql");
}

/** As the superuser. */
async function query(port: number, file: string): Promise<CatalogRow[]> {
  const sql = connectAs("supabase_admin", port);
  try {
    const text = Deno.readTextFileSync(new URL(file, import.meta.url));
    return rows.parse([...await sql.unsafe(text)]);
  } finally {
    await sql.end();
  }
}

interface CatalogDifference {
  /** `function private.backoff(integer)`. */
  object: string;
  /** In which of the two it is; `both` when it is not the same in them. */
  in: "first" | "second" | "both";
}

/** Where two catalogues are not the same, by name. */
export function compareCatalogs(first: CatalogRow[], second: CatalogRow[]): CatalogDifference[] {
  const key = (row: CatalogRow) => `${row.kind} ${row.name}`;
  const [left, right] = [first, second].map((rows) =>
    new Map(rows.map((row) => [key(row), row.definition]))
  ) as [Map<string, string | null>, Map<string, string | null>];
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap(
    (object): CatalogDifference[] => {
      if (!right.has(object)) return [{ object, in: "first" }];
      if (!left.has(object)) return [{ object, in: "second" }];
      return left.get(object) === right.get(object) ? [] : [{ object, in: "both" as const }];
    },
  );
}

/** Without the place of each column: one that was added later stands last, and nothing depends on it. */
export function withoutPositions(catalog: CatalogRow[]): CatalogRow[] {
  return catalog.filter((row) => row.kind !== "position");
}
