import type { ImageResult, PicturesWanted } from "../../database/images.ts";
import { downloadImage, type ImageTools } from "./download.ts";

/** What came of looking for a vehicle's first picture. */
interface CoverFound {
  /** One item a URL tried, to be recorded by `apply_extractions` as `image_results`. */
  results: ImageResult[];
  /** Whether one of them was stored. */
  stored: boolean;
  /** Why none was; null when one was. */
  message: string | null;
}

/** Downloads the first good image among URLs in gallery order. Never throws for what a site does. */
export type Cover = (urls: readonly string[]) => Promise<CoverFound>;

/** A vehicle whose first pictures are all broken is left to the queue. */
const MAX_TRIES = 3;

/** Failures that speak of the host, so that its next URL would fare no better. */
const HOST_SAYS_NO: readonly string[] = ["rate_limited", "blocked", "robots_disallowed"];

/** The same, unless an operator wants no pictures: then nothing is asked for. */
export function coverAsWanted(cover: Cover, wanted: PicturesWanted): Cover {
  if (wanted !== "none") return cover;
  const message = "no pictures are wanted (fill_policy.galleries): their addresses are kept";
  return () => Promise.resolve({ results: [], stored: false, message });
}

/** A `Cover` over the given tools; it touches Storage and no table. */
export function coverDownloader(tools: ImageTools): Cover {
  return async (urls) => {
    const results: ImageResult[] = [];
    let message = "no image URL is known";
    for (const url of urls.slice(0, MAX_TRIES)) {
      const outcome = await downloadImage(url, tools, "cover");
      if (outcome.kind === "stored") {
        return { results: [...results, { url, ...outcome }], stored: true, message: null };
      }
      message = outcome.error;
      if (outcome.kind === "released") break;
      results.push({ url, ...outcome });
      if (HOST_SAYS_NO.includes(outcome.code)) break;
    }
    return { results, stored: false, message };
  };
}
