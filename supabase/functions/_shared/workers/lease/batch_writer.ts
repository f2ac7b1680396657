/** How many items are written in one round trip at most. */
const FULL_BATCH = 20;
/** How long one waits for others, milliseconds: what is read is soon safe. */
const LONGEST_WAIT_MS = 3_000;

/** Writes a batch and gives one result an item, in the same order; throws when none was written. */
export type WriteBatch<Item, Result> = (items: Item[]) => Promise<Result[]>;

/** Gathers items and writes them in batches; every `write` resolves with its own result. */
export class BatchWriter<Item, Result> {
  #waiting: {
    item: Item;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param expected how many items will come: the batch that holds the last one goes at once. */
  constructor(
    private readonly writeBatch: WriteBatch<Item, Result>,
    private expected: number,
  ) {}

  /** Queues one item. Rejects with what its batch was refused with. */
  write(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#flushIfReady();
    });
  }

  /** Says that one of the expected items will not come. */
  skip(): void {
    this.expected -= 1;
    this.#flushIfReady();
  }

  #flushIfReady(): void {
    if (this.#waiting.length === 0) return;
    if (this.#waiting.length >= Math.min(FULL_BATCH, this.expected)) void this.#flush();
    else this.#timer ??= setTimeout(() => void this.#flush(), LONGEST_WAIT_MS);
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    this.expected -= batch.length;
    try {
      const results = await this.writeBatch(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error("a batch was written with too few results"));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
