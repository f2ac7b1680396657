/** Asking Postgres of which types a statement's parameters are. */
import type pg from "pg";

/** The part of node-postgres' connection that we speak the protocol with. */
interface Wire {
  once(event: "parameterDescription", listener: (message: { dataTypeIDs: number[] }) => void): void;
  parse(query: { text: string; name: string; types: number[] }, more?: boolean): void;
  describe(what: { type: "S"; name: string }, more?: boolean): void;
  sync(): void;
}

const known = new Map<string, number[]>();

/**
 * The oids of the parameters' types, where they matter: for values that could be a json document. Remembered by
 * statement. @throws what Postgres says about the statement
 */
export async function parameterTypes(
  client: pg.PoolClient,
  text: string,
  parameters: readonly unknown[],
): Promise<number[]> {
  if (
    !parameters.some((value) => isAmbiguous(value)) ||
    !/^\s*(insert|update|select|with)/i.test(text)
  ) return [];
  const remembered = known.get(text);
  if (remembered !== undefined) return remembered;
  const types = await new Promise<number[]>((resolve, reject) => {
    client.query(new Description(text, resolve, reject) as unknown as pg.Submittable);
  });
  if (known.size > 5_000) known.clear();
  known.set(text, types);
  return types;
}

function isAmbiguous(value: unknown): boolean {
  return typeof value === "string" || (typeof value === "object" && value !== null);
}

class Description {
  #types: number[] = [];
  #text: string;
  #resolve: (types: number[]) => void;
  #reject: (error: Error) => void;

  constructor(text: string, resolve: (types: number[]) => void, reject: (error: Error) => void) {
    this.#text = text;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    wire.once("parameterDescription", (message) => this.#types = message.dataTypeIDs);
    wire.parse({ text: this.#text, name: "", types: [] });
    wire.describe({ type: "S", name: "" });
    wire.sync();
  }

  handleRowDescription(): void {}

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#types);
  }
}
