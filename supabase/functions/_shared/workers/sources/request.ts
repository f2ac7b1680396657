/** A probe asks for so many addresses at most, its robots.txt among them. */
export const MOST_REQUESTS = 10;

/** What a request of a probe is for. */
export type ProbeRole = "home" | "sitemap" | "feed" | "list" | "detail";

/** What was read of a page that lists or leads: addresses on the host itself. */
export interface PlaceResult {
  /** Pages that it links to or names. */
  links?: string[];
  /** Sitemaps that it names. */
  sitemaps?: string[];
  /** RSS and Atom feeds that it names. */
  feeds?: string[];
  /** Of its links, those that look as if a list stood there, likeliest first. */
  lists?: string[];
  /** A sitemap: of pages or of sitemaps; `none`: it is neither. */
  kind?: "urls" | "index" | "none";
  /** Its reader takes it for the page of one vehicle. */
  is_listing?: boolean;
  /** Where redirects led, when that is another host. */
  leads_to?: string;
  /** Other hosts that it names. */
  others?: string[];
}

/** What was read of a page that may be a listing. */
export interface DetailResult {
  pattern: string;
  /** How the page was read: `listing`, `not_a_listing`, `unreadable`, `blocked`. */
  reading: string;
  reason?: string;
  year?: number;
  make?: string;
  model?: string;
  vin?: string;
  price?: number;
  mileage?: number;
}

/** One request of a probe, as its row says. */
export interface ProbeRequest {
  role: ProbeRole;
  url: string;
  times_asked: number;
  /** Outcome code; null: it was asked, and no answer was written. */
  outcome: string | null;
  result: PlaceResult & Partial<DetailResult>;
}
