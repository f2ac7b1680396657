/** Auction pages as heavy as real ones, made before the clock starts and served by a thread of their own. */
import { z } from "zod";

const ready = z.object({
  url: z.string(),
  pages: z.array(
    z.object({ url: z.string(), bids: z.int(), comments: z.int(), images: z.int() }),
  ),
  bytes: z.int(),
});

export interface AuctionSite extends z.infer<typeof ready> {
  /** Removes the pages. */
  stop(): void;
}

/** Makes `count` different auctions (seeded: the same each time) and serves them as a mirror. */
export function startAuctionSite(
  count: number,
  say: (message: string) => void,
): Promise<AuctionSite> {
  const dir = Deno.makeTempDirSync({ prefix: "bench-pages-" });
  const worker = new Worker(new URL("./auction_site_worker.ts", import.meta.url), {
    type: "module",
  });
  const remove = () => Deno.removeSync(dir, { recursive: true });
  addEventListener("unload", remove);
  const stop = () => {
    removeEventListener("unload", remove);
    worker.terminate();
    remove();
  };
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => {
      event.preventDefault();
      stop();
      reject(new Error(`the site of the benchmark stopped: ${event.message}`));
    };
    worker.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "string") say(data);
      else resolve({ ...ready.parse(data), stop });
    };
    worker.postMessage({ count, dir });
  });
}
