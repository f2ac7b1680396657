/** One web worker a function, started at its first request and started anew after it broke or its code changed. */

/** How long a worker may take from its start until it listens. */
const bootMs = 30_000;

interface Running {
  /** The loopback port the function listens on. */
  port: number;
  /** Ends the worker, whatever it is doing. */
  end(): void;
  /** Ends the worker when it has done what it was asked, in the background too. */
  retire(): void;
  /** Moves its clock on by so many milliseconds in all. */
  setAhead(ms: number): void;
}

interface Entry {
  started: Promise<Running>;
  /** Requests that are being asked of it. */
  busy: number;
  retired: boolean;
}

export class BootError extends Error {
  override name = "BootError";
}

export class WorkerPool {
  #workers = new Map<string, Entry>();
  #ahead: number | undefined;

  /** Asks the running worker of a function. @throws BootError when its code does not start. */
  async ask<T>(name: string, entry: string, work: (running: Running) => Promise<T>): Promise<T> {
    const worker = this.#workers.get(name) ?? this.#add(name, entry);
    worker.busy++;
    try {
      return await work(await worker.started);
    } finally {
      worker.busy--;
      retireIfIdle(worker);
    }
  }

  /** From now on every function is asked in a new worker, with the code as it is then. */
  renew(): void {
    for (const worker of this.#workers.values()) {
      worker.retired = true;
      retireIfIdle(worker);
    }
    this.#workers.clear();
  }

  /** Moves the clock of all workers on, of those to come too, by so many milliseconds in all. */
  setAhead(ms: number): void {
    this.#ahead = ms;
    for (const { started } of this.#workers.values()) {
      started.then((running) => running.setAhead(ms), () => {}); // one that does not start has no clock
    }
  }

  #add(name: string, entry: string): Entry {
    const worker = { started: this.#start(name, entry), busy: 0, retired: false };
    this.#workers.set(name, worker);
    worker.started.catch(() => this.#forget(name, worker.started));
    return worker;
  }

  #forget(name: string, started: Promise<Running>): void {
    if (this.#workers.get(name)?.started === started) this.#workers.delete(name);
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
        else {
          resolve({
            port,
            end,
            retire: () => worker.postMessage({ retire: true }),
            setAhead: (ahead) => worker.postMessage({ ahead }),
          });
        }
      };
      worker.onerror = (event) => {
        event.preventDefault();
        clearTimeout(late);
        console.error(`[${name}] stopped by an uncaught error: ${event.message}`);
        end();
        fail(event.message);
      };
    });
    worker.postMessage({ entry, ahead: this.#ahead });
    return started;
  }
}

function retireIfIdle({ started, busy, retired }: Entry): void {
  // One that did not start has ended already.
  if (retired && busy === 0) started.then((running) => running.retire(), () => {});
}
