/** Where the demo speaks to: a terminal, a log, or nobody. */
export interface Voice {
  /** A line that stays. */
  say(text?: string): void;
  /** How far it is now: on a terminal it replaces what was said last by it, in a log it comes rarely. */
  progress(text: string): void;
}

const LOG_EVERY_MS = 2_000;
const CLEAR_LINE = "\r\x1b[K";

/** Speaks on standard output. */
export function speaker(
  terminal: boolean,
  write: (text: string) => void = (text) => Deno.stdout.writeSync(new TextEncoder().encode(text)),
): Voice {
  let live = false;
  let last = 0;
  return {
    say(text = "") {
      write(`${live ? CLEAR_LINE : ""}${text}\n`);
      live = false;
    },
    progress(text) {
      if (terminal) {
        write(CLEAR_LINE + text);
        live = true;
      } else if (Date.now() - last >= LOG_EVERY_MS) {
        last = Date.now();
        write(`${text}\n`);
      }
    },
  };
}

export const silent: Voice = { say: () => {}, progress: () => {} };
