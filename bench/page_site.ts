/** Pages as heavy as real ones, made before the clock starts and served by a thread of their own. */
import { z } from "zod";

/** Auctions of 400 to 660 KB with their comments and bids, or an owner's posts of 20 to 35 KB. */
export type PageKind = "auctions" | "posts";

const ready = z.object({
  url: z.string(),
  pages: z.array(
    z.object({ url: z.string(), bids: z.int(), comments: z.int(), images: z.int() }),
  ),
  bytes: z.int(),
});

const asked = z.object({ pages: z.int(), images: z.int(), bytes: z.int(), cpuSeconds: z.number() });
/** What was asked of the site since it stands, and the CPU that its thread has used. */
export type SiteUse = z.infer<typeof asked>;

export interface PageSite extends z.infer<typeof ready> {
  use(): Promise<SiteUse>;
  cpuSeconds(): Promise<number>;
  /** Removes the pages. */
  stop(): void;
}

/** Makes `count` different pages (seeded: the same each time) and serves them as a mirror. */
export function startPageSite(
  kind: PageKind,
  count: number,
  say: (message: string) => void,
): Promise<PageSite> {
  const dir = Deno.makeTempDirSync({ prefix: "bench-pages-" });
  const worker = new Worker(new URL("./page_site_worker.ts", import.meta.url), {
    type: "module",
  });
  const remove = () => Deno.removeSync(dir, { recursive: true });
  addEventListener("unload", remove);
  const stop = () => {
    removeEventListener("unload", remove);
    worker.terminate();
    remove();
  };
  const answers: ((use: SiteUse) => void)[] = [];
  const use = () =>
    new Promise<SiteUse>((resolve) => {
      answers.push(resolve);
      worker.postMessage("use");
    });
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => {
      event.preventDefault();
      stop();
      reject(new Error(`the site of the benchmark stopped: ${event.message}`));
    };
    worker.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "string") return say(data);
      const made = ready.safeParse(data);
      if (made.success) {
        const cpuSeconds = async () => (await use()).cpuSeconds;
        resolve({ ...made.data, use, cpuSeconds, stop });
      } else answers.shift()?.(asked.parse(data));
    };
    worker.postMessage({ kind, count, dir });
  });
}
