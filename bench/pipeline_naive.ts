/**
 * The pipeline as one would write it first: one listing after the other, a fetch for each of the two
 * steps, and the whole from the beginning, at once, when anything fails.
 */
import * as cheerio from "cheerio";
import { mirrorUrl } from "../demo/site/mirror.ts";
import type { Stack } from "../local/stack.ts";
import { readPage } from "./naive_reading.ts";
import { send } from "./rest.ts";

const TRIES = 3;
const TIMEOUT_MS = 20_000;

/** What became of the listings. */
export interface NaiveImport {
  imported: number;
  failed: number;
  seconds: number;
}

/** Imports listings one by one. A failure is a listing that is not there, and no more is known of it. */
export async function naiveImport(
  stack: Pick<Stack, "url" | "keys">,
  mirror: string,
  urls: readonly string[],
): Promise<NaiveImport> {
  const api = { api: stack.url, key: stack.keys.secret };
  const read = async (url: string) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(mirrorUrl(mirror, url), { signal });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    return readPage(cheerio.load(text));
  };
  const importOne = async (url: string) => {
    const { facts } = await read(url); // first step: extract-premium-auction
    const [vehicle] = await send(api, "POST", "vehicles?on_conflict=canonical_url", {
      discovery_url: url,
      ...facts,
    }) as [{ id: string }];
    const { bids, comments } = await read(url); // second step: extract-auction-comments
    const [event] = await send(api, "POST", "auction_events?on_conflict=source_url", {
      vehicle_id: vehicle.id,
      source_url: url.replace(/\/$/, ""),
      outcome: "unknown",
    }) as [{ id: string }];
    const key = "on_conflict=auction_event_id,source_id";
    for (const bid of bids) {
      await send(api, "POST", `auction_bids?${key}`, { auction_event_id: event.id, ...bid });
    }
    for (const comment of comments) {
      await send(api, "POST", `auction_comments?${key}`, {
        auction_event_id: event.id,
        ...comment,
      });
    }
  };
  const start = performance.now();
  const done = { imported: 0, failed: 0 };
  for (const url of urls) {
    for (let tries = 1;; tries++) {
      try {
        await importOne(url);
        done.imported++;
        break;
      } catch (error) {
        if (error instanceof Error && /^(POST|PATCH)/.test(error.message)) throw error;
        if (tries < TRIES) continue;
        done.failed++;
        break;
      }
    }
  }
  return { ...done, seconds: (performance.now() - start) / 1000 };
}
