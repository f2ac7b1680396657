/// <reference lib="dom" />
/** All panels in one request, every ten seconds while somebody looks. */
import { now, setServerTime } from "../parts/clock.ts";
import { call, type Trouble } from "./call.ts";
import { type Dashboard, dashboardSchema } from "./shapes.ts";

const EVERY_MS = 10_000;

export const RANGES = ["3h", "2d", "7d", "60d", "all"] as const;
export type Range = typeof RANGES[number];

export interface Polled {
  range: Range;
  /** The newest answer; it stays when a later request fails. */
  answer: Dashboard | null;
  /** When it came, by the server's clock. */
  answeredAt: number | null;
  trouble: Trouble | null;
}

interface Poll {
  /** Asks now, and every ten seconds from then on. */
  refresh(): void;
  choose(range: Range): void;
  stop(): void;
}

/** Starts asking where another poll ended, and calls back with each change. In a hidden tab nothing is asked. */
export function startPoll(from: Polled, changed: (state: Polled) => void): Poll {
  let state: Polled = { ...from, trouble: null };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = new AbortController();
  const set = (part: Partial<Polled>) => changed(state = { ...state, ...part });

  const ask = async () => {
    clearTimeout(timer);
    asking.abort();
    const mine = asking = new AbortController();
    const args = { p_panels: null, p_range: state.range };
    const answer = await call("dashboard", args, dashboardSchema, mine.signal);
    if (mine.signal.aborted) return;
    if (answer.ok) {
      setServerTime(answer.value.now);
      set({ answer: answer.value, answeredAt: now(), trouble: null });
    } else set({ trouble: answer.trouble });
    // Who is no operator, or not signed in, gets no other answer by asking again.
    const final = !answer.ok && ["session", "forbidden"].includes(answer.trouble.kind);
    if (!final && document.visibilityState === "visible") timer = setTimeout(ask, EVERY_MS);
  };
  const looked = () => {
    if (document.visibilityState === "visible") void ask();
    else clearTimeout(timer);
  };
  document.addEventListener("visibilitychange", looked);
  void ask();
  return {
    refresh: () => void ask(),
    choose(next) {
      set({ range: next });
      void ask();
    },
    stop() {
      document.removeEventListener("visibilitychange", looked);
      clearTimeout(timer);
      asking.abort();
    },
  };
}
