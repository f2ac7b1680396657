/** The forty sites in a thread of their own, so that they cost whoever asks them next to nothing. */
import type { SiteTime } from "./answer.ts";

/** One request that reached a site. */
export interface Asked {
  host: string;
  /** With its query. */
  path: string;
  /** Epoch milliseconds, by the real clock. */
  at: number;
  /** The slot of the day in which it came. */
  slot: number;
  status: number;
}

export interface FillSites {
  /** What SOURCE_MIRROR_URL is set to. */
  url: string;
  /** Moves the sites to another moment: listings come with it, and what a site does. */
  setTime(time: SiteTime): void;
  /** Every request since the beginning, in order. */
  log(): Promise<Asked[]>;
  /** CPU that their thread has used. */
  cpuSeconds(): Promise<number>;
  stop(): void;
}

interface Answer {
  url?: string;
  asked?: Asked[];
  cpuSeconds?: number;
}

/** Starts the sites. */
export async function startFillSites(): Promise<FillSites> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  // They answer in the order in which they are asked.
  const waiting: PromiseWithResolvers<Answer>[] = [];
  worker.onmessage = ({ data }) => waiting.shift()?.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    for (const one of waiting.splice(0)) {
      one.reject(new Error(`the sites stopped: ${event.message}`));
    }
  };
  const answer = (question?: "log" | "cpu"): Promise<Answer> => {
    const one = Promise.withResolvers<Answer>();
    waiting.push(one);
    if (question !== undefined) worker.postMessage(question);
    return one.promise;
  };
  const { url = "" } = await answer();
  return {
    url,
    setTime: (time) => worker.postMessage(time),
    log: async () => (await answer("log")).asked ?? [],
    cpuSeconds: async () => (await answer("cpu")).cpuSeconds ?? 0,
    stop: () => worker.terminate(),
  };
}
