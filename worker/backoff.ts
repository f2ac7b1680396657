/** Waits that double, each between its half and its whole by chance, so that many processes do not ask at once. */
export class Backoff {
  #steps = 0;

  /** @param first the first wait at most, and `most` the longest, milliseconds. */
  constructor(private readonly first: number, private readonly most: number) {}

  /** The next wait, milliseconds. */
  next(): number {
    const whole = Math.min(this.most, this.first * 2 ** this.#steps);
    if (whole < this.most) this.#steps++;
    return whole * (0.5 + Math.random() / 2);
  }

  /** Begins with the first wait again. */
  reset(): void {
    this.#steps = 0;
  }
}
