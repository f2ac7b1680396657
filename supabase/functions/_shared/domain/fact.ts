import { z } from "zod";

/** Every fact the system knows about a vehicle: the names of the columns of `vehicles`. */
export const FIELD_NAMES = [
  "year",
  "make",
  "model",
  "trim",
  "vin",
  "mileage",
  "color",
  "interior_color",
  "engine",
  "transmission",
  "drivetrain",
  "body_style",
  "sale_price",
  "high_bid",
  "asking_price",
  "currency",
  "sale_status",
  "sale_date",
  "seller_name",
  "location",
  "description",
] as const;

export type FieldName = (typeof FIELD_NAMES)[number];

/** How the offer of a vehicle stands. `unknown` is what a page that does not say leaves behind. */
export const SALE_STATUSES = [
  "sold",
  "bid_to",
  "no_sale",
  "withdrawn",
  "live",
  "for_sale",
  "unknown",
] as const;
const saleStatus = z.enum(SALE_STATUSES);
export type SaleStatus = z.infer<typeof saleStatus>;

const text = z.string().trim().min(1).max(500);
const price = z.number().nonnegative().max(1_000_000_000);

/**
 * What a value of each field looks like. Prices are in units of the currency (not cents), mileage
 * is in miles, `sale_date` is an ISO date, `currency` an ISO 4217 code.
 */
export const fieldValue = {
  year: z.int().min(1885).max(2100),
  make: text,
  model: text,
  trim: text,
  vin: z.string().trim().min(3).max(30),
  mileage: z.int().min(0).max(5_000_000),
  color: text,
  interior_color: text,
  engine: text,
  transmission: text,
  drivetrain: text,
  body_style: text,
  sale_price: price,
  high_bid: price,
  asking_price: price,
  currency: z.string().regex(/^[A-Z]{3}$/),
  sale_status: saleStatus,
  sale_date: z.iso.date(),
  seller_name: text,
  location: text,
  description: z.string().trim().min(1).max(100_000),
} satisfies Record<FieldName, z.ZodType>;

export type FieldValue<F extends FieldName> = z.infer<(typeof fieldValue)[F]>;

/** How a value was read off a page; the confidence table in `extraction/confidence.ts` has a row for each. */
const readingWay = z.enum([
  "structured",
  "labelled",
  "record",
  "unlabelled",
  "title",
  "prose",
  "learned",
  "generated",
]);
export type ReadingWay = z.infer<typeof readingWay>;

/** One field's value read from one page. */
export interface Fact<F extends FieldName = FieldName> {
  value: z.infer<(typeof fieldValue)[F]>;
  /** 0 to 1: the chance that the value is what the page means and that it is true of the vehicle. */
  confidence: number;
  /** Where it stood and what stood there, short enough to show to a person. */
  evidence: string;
  way: ReadingWay;
}
export type Facts = { [F in FieldName]?: Fact<F> };

export const confidence = z.number().min(0).max(1);
export const evidence = z.string().max(1000);

const factShape = Object.fromEntries(
  FIELD_NAMES.map((name) => [
    name,
    z.object({ value: fieldValue[name], confidence, evidence, way: readingWay }).optional(),
  ]),
) as unknown as {
  [F in FieldName]: z.ZodOptional<z.ZodType<Fact<F>>>;
};
export const facts = z.strictObject(factShape);
