import { z } from "zod";
import type { Stack } from "../local/stack.ts";
import { type Child, startChild } from "./child.ts";
import { usage } from "./usage.ts";

const answer = usage.extend({ seconds: z.number() });
/** What the naive way took for the vehicles it was given. */
type NaiveAnswer = z.infer<typeof answer>;

/** A process that scrapes vehicles the naive way (naive_process.ts). */
export class Naive {
  #child: Child = startChild("naive_process.ts");

  constructor(private readonly stack: Stack, private readonly mirror: string) {}

  /** Scrapes these, one after the other. */
  async scrape(vehicles: { id: string; url: string }[]): Promise<NaiveAnswer> {
    const work = {
      api: this.stack.url,
      key: this.stack.keys.secret,
      mirror: this.mirror,
      vehicles,
    };
    return answer.parse(await this.#child.ask(work));
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
