/** When a call goes out that several wait for. */
interface Coalescing {
  /** How long the first one waits for others, milliseconds; by itself 2. */
  waitMs?: number;
  /** Of so many at once at most. */
  most?: number;
  /** How many will come in all: the call that holds the last of them waits no longer. */
  expected?: number;
}

/**
 * Collects what is asked for within a short while and asks once: twenty pages that begin together
 * cost one call. The call answers in the order of its keys.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const calls: number[][] = [];
 * const doubled = new Coalesced((keys: number[]) => {
 *   calls.push(keys);
 *   return Promise.resolve(keys.map((key) => key * 2));
 * });
 * assert.deepEqual(await Promise.all([doubled.load(1), doubled.load(2)]), [2, 4]);
 * assert.deepEqual(calls, [[1, 2]]);
 * ```
 */
export class Coalesced<Key, Value> {
  readonly #run: (keys: Key[]) => Promise<Value[]>;
  readonly #waitMs: number;
  readonly #most: number;
  #expected: number;
  #waiting: { key: Key; resolve: (value: Value) => void; reject: (why: unknown) => void }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    run: (keys: Key[]) => Promise<Value[]>,
    { waitMs = 2, most = Infinity, expected = Infinity }: Coalescing = {},
  ) {
    this.#run = run;
    this.#waitMs = waitMs;
    this.#most = most;
    this.#expected = expected;
  }

  /** The value of one key. Rejects with what its call failed with. */
  load(key: Key): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      this.#goIfReady();
    });
  }

  /** Says that one of those that were expected will not come. */
  skip(): void {
    this.#expected -= 1;
    this.#goIfReady();
  }

  #goIfReady(): void {
    if (this.#waiting.length === 0) return;
    if (this.#waiting.length >= Math.min(this.#most, this.#expected)) void this.#go();
    else this.#timer ??= setTimeout(() => void this.#go(), this.#waitMs);
  }

  async #go(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#expected -= batch.length;
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

/** Loads one by one what was announced together: the first that is wanted brings all that are expected. */
export class Lookahead<Value> {
  #load: (key: string) => Promise<Value>;
  #expected = new Set<string>();
  #held = new Map<string, Promise<Value>>();

  /** @param load what begins together should cost one call, as with `Coalesced`. */
  constructor(load: (key: string) => Promise<Value>) {
    this.#load = load;
  }

  /** Keys that will be wanted, each once. */
  expect(keys: Iterable<string>): void {
    for (const key of keys) this.#expected.add(key);
  }

  /** The value of one key. What was brought ahead is given once: who asks again gets what is new. */
  load(key: string): Promise<Value> {
    const held = this.#held.get(key);
    if (held !== undefined) {
      this.#held.delete(key);
      return held;
    }
    this.#expected.delete(key);
    const value = this.#load(key);
    for (const other of this.#expected) {
      const ahead = this.#load(other);
      ahead.catch(() => {}); // it may never be wanted
      this.#held.set(other, ahead);
    }
    this.#expected.clear();
    return value;
  }
}
