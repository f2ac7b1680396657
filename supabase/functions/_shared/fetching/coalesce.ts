/**
 * Collects what is asked for within a short while and asks once: twenty pages that begin together
 * cost one call. The call answers in the order of its keys.
 */
export class Coalesced<Key, Value> {
  #run: (keys: Key[]) => Promise<Value[]>;
  #waitMs: number;
  #waiting: { key: Key; resolve: (value: Value) => void; reject: (why: unknown) => void }[] = [];

  /** @param waitMs how long the first one waits for others, in milliseconds. */
  constructor(run: (keys: Key[]) => Promise<Value[]>, waitMs = 2) {
    this.#run = run;
    this.#waitMs = waitMs;
  }

  /** The value of one key. Rejects with what the call failed with. */
  load(key: Key): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      if (this.#waiting.length === 1) setTimeout(() => this.#go(), this.#waitMs);
    });
  }

  async #go(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const values = await this.#run(batch.map((one) => one.key));
      if (values.length !== batch.length) {
        throw new Error(`asked for ${batch.length} values, got ${values.length}`);
      }
      // Same length as was just checked.
      batch.forEach((one, at) => one.resolve(values[at] as Value));
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }
}
