import type { SourceRow } from "../database/sources.ts";
import { runStop } from "../domain/run_stop.ts";
import { fetchingEnv } from "../fetching/env.ts";
import { createFetcher, type Fetcher, type FetcherDeps } from "../fetching/fetcher.ts";
import { adapters, sourceOf } from "../sources/registry.ts";
import { describer } from "../workers/description/describe.ts";
import type { Describe } from "../workers/description/describe.ts";
import { type Cover, coverDownloader } from "../workers/images/cover.ts";
import type { ImageTools } from "../workers/images/download.ts";
import type { Context } from "./serve.ts";

/** Kept back of a run's time for writing what was read, milliseconds; of a short run a quarter. */
export const WRITING_MS = 2_000;

function readUntil(context: Context, deadline: number): number {
  return deadline - Math.min(WRITING_MS, Math.max(0, deadline - context.startedAt) / 4);
}

/** What the work of one request needs of the outside. */
interface Tools {
  fetcher: Fetcher;
  images: ImageTools;
  cover: Cover;
  describe: Describe;
}

function fetcherUntil(context: Context, deadline: number, pages?: FetcherDeps["pages"]): Fetcher {
  const { env, database } = context;
  const stop = runStop();
  return createFetcher({
    database,
    env: fetchingEnv({
      SUPABASE_URL: env.supabaseUrl,
      SOURCE_MIRROR_URL: env.get("SOURCE_MIRROR_URL"),
      CONTACT_URL: env.get("CONTACT_URL"),
    }),
    deadline: readUntil(context, deadline),
    signal: stop?.now,
    ending: stop?.soon,
    sourceOf,
    pages,
  });
}

/** @throws Error when a setting of the function cannot be used as it is. */
function makeTools(context: Context, deadline: number): Tools {
  const fetcher = fetcherUntil(context, deadline);
  const images = { database: context.database, fetcher, deadline: readUntil(context, deadline) };
  return {
    fetcher,
    images,
    cover: coverDownloader(images),
    describe: describer(context.env, { deadline: readUntil(context, deadline) }),
  };
}

/**
 * Runs work with all tools of a request and writes down what they fetched, also when the work throws.
 * @throws Error when a setting of the function cannot be used as it is.
 */
export async function withTools<T>(
  context: Context,
  maxRuntimeMs: number,
  work: (tools: Tools) => Promise<T>,
): Promise<T> {
  const tools = makeTools(context, context.startedAt + maxRuntimeMs);
  try {
    return await work(tools);
  } finally {
    await tools.fetcher.flush();
  }
}

/**
 * Runs work with a fetcher and writes down what it did, also when the work throws.
 * @param pages `new_page` where it reads listings that nobody asked for by name; by itself `page`.
 */
export async function withFetcher<T>(
  context: Context,
  maxRuntimeMs: number,
  work: (fetcher: Fetcher) => Promise<T>,
  pages?: FetcherDeps["pages"],
): Promise<T> {
  const fetcher = fetcherUntil(context, context.startedAt + maxRuntimeMs, pages);
  try {
    return await work(fetcher);
  } finally {
    await fetcher.flush();
  }
}

/** The adapters in code, as `scrape_sources` holds them. */
export function sourceRows(): SourceRow[] {
  return adapters.map((adapter) => ({
    slug: adapter.slug,
    name: adapter.name,
    kind: adapter.kind,
    hosts: [...adapter.hosts],
    scraper_name: adapter.scraper,
    scraper_version: adapter.version,
  }));
}
