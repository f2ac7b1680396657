import { applyExtractions, type ApplyItem, type ApplyResult } from "../../store/apply.ts";
import type { Store } from "../../store/client.ts";

/** How many readings are written in one round trip at most. */
const FULL_BATCH = 20;
/** How long a reading waits for others, milliseconds: what is read is soon safe. */
const LONGEST_WAIT_MS = 3_000;

/** Gathers readings and writes them in batches; every `write` resolves with its own result. */
export class BatchWriter {
  #waiting: {
    item: ApplyItem;
    resolve: (result: ApplyResult) => void;
    reject: (error: unknown) => void;
  }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param expected how many readings will come: the batch that holds the last one goes at once. */
  constructor(private readonly store: Store, private expected: number) {}

  /** Queues one reading. Rejects with StoreError when its batch could not be written. */
  write(item: ApplyItem): Promise<ApplyResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#flushIfReady();
    });
  }

  /** Says that one of the expected readings will not come. */
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
      const results = await applyExtractions(this.store, batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error("apply_extractions gave too few results"));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
