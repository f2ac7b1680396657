/** One connection to a database, for one statement after another. */
import pg from "pg";
import type { Result } from "./result.ts";

export interface Session {
  /** Runs one statement. Throws what Postgres says of it. */
  run(statement: string): Promise<Result>;
  /** Stops the statement that is running; it then fails. */
  cancel(): Promise<void>;
  end(): Promise<void>;
}

/**
 * @param notice is given what Postgres has to say besides: `raise notice`, warnings
 * @param lost is told when the connection breaks
 * @throws when it cannot connect
 */
export async function openSession(
  url: string,
  { notice, lost }: { notice: (text: string) => void; lost: (error: Error) => void },
): Promise<Session> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: "task sql",
    types: { getTypeParser: () => (text: string) => text },
  });
  client.on("notice", ({ severity, message }) => notice(`${severity ?? "NOTICE"}:  ${message}`));
  client.on("error", lost);
  await client.connect();
  const { rows: [own] } = await client.query<{ pid: string }>("select pg_backend_pid() as pid");
  return {
    async run(statement) {
      const { fields, rows, command, rowCount } = await client.query<(string | null)[]>({
        text: statement,
        rowMode: "array",
      });
      return {
        columns: fields.map(({ name, dataTypeID }) => ({ name, oid: dataTypeID })),
        rows,
        tag: [command, rowCount].filter((one) => one !== null).join(" "),
      };
    },
    async cancel() {
      const other = new pg.Client({ connectionString: url });
      await other.connect();
      await other.query("select pg_cancel_backend($1::int)", [own?.pid]);
      await other.end();
    },
    end: () => client.end(),
  };
}
