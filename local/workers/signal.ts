/** A raised flag that somebody may be waiting for. */
export class Signal {
  #raised = false;
  #resolve: () => void = () => {};

  raise(): void {
    this.#raised = true;
    this.#resolve();
  }

  /** Whether it was raised since the last time, which it then forgets. */
  take(): boolean {
    const was = this.#raised;
    this.#raised = false;
    return was;
  }

  /** Waits until it is raised, at most `ms` milliseconds. */
  async wait(ms: number): Promise<void> {
    if (this.#raised) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#resolve = () => {};
  }
}
