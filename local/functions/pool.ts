/** One web worker a function, started at its first request and started anew after it broke. */

/** How long a worker may take from its start until it listens. */
const bootMs = 30_000;

interface Running {
  /** The loopback port the function listens on. */
  port: number;
  /** Ends the worker, whatever it is doing. */
  end(): void;
}

export class BootError extends Error {
  override name = "BootError";
}

export class WorkerPool {
  #workers = new Map<string, Promise<Running>>();

  /** The running worker of a function. @throws BootError when its code does not start. */
  get(name: string, entry: string): Promise<Running> {
    const known = this.#workers.get(name);
    if (known !== undefined) return known;
    const started = this.#start(name, entry);
    this.#workers.set(name, started);
    started.catch(() => this.#forget(name, started));
    return started;
  }

  #forget(name: string, worker: Promise<Running>): void {
    if (this.#workers.get(name) === worker) this.#workers.delete(name);
  }

  #start(name: string, entry: string): Promise<Running> {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name });
    const started = new Promise<Running>((resolve, reject) => {
      const fail = (message: string) => {
        worker.terminate();
        reject(new BootError(message));
      };
      const late = setTimeout(() => fail(`did not listen within ${bootMs} ms`), bootMs);
      const end = () => {
        worker.terminate();
        this.#forget(name, started);
      };
      worker.onmessage = (event: MessageEvent<{ port?: number; failed?: string }>) => {
        clearTimeout(late);
        const { port, failed } = event.data;
        if (port === undefined) fail(failed ?? "unknown message");
        else resolve({ port, end });
      };
      worker.onerror = (event) => {
        event.preventDefault();
        clearTimeout(late);
        console.error(`[${name}] stopped by an uncaught error: ${event.message}`);
        end();
        fail(event.message);
      };
    });
    worker.postMessage({ entry });
    return started;
  }
}
