import type { CheckContext } from "./step.ts";

/** What the steps of one run share, and the way to undo it. */
export function openContext(write: boolean): CheckContext & { close(): Promise<void> } {
  const made = new Map<string, Promise<unknown>>();
  const undo: (() => Promise<void> | void)[] = [];
  return {
    write,
    once<T>(name: string, make: () => Promise<T>): Promise<T> {
      const known = made.get(name) ?? make();
      made.set(name, known);
      // A name is asked for with one type only: each is wrapped in a function of its own.
      return known as Promise<T>;
    },
    later: (step) => void undo.push(step),
    async close() {
      for (const step of undo.splice(0).reverse()) await step();
    },
  };
}
