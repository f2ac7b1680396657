import { z } from "zod";
import { FIELD_NAMES } from "./fact.ts";
import { uuid } from "./uuid.ts";

/** An extraction map that reads pages, as the database holds it. */
export const servingMap = z.object({
  id: uuid,
  /** The source whose pages it reads, as an extraction names it. */
  source: z.string(),
  version: z.int(),
  /** The fields that it gives. */
  fields: z.array(z.enum(FIELD_NAMES)),
  /** What was learned; `sources/maps/` knows what it means. */
  rules: z.record(z.string(), z.unknown()),
});
export type ServingMap = z.infer<typeof servingMap>;

/** The maps that read pages now, by the source whose pages they read. */
export type ServingMaps = ReadonlyMap<string, readonly ServingMap[]>;

export const NO_MAPS: ServingMaps = new Map();
