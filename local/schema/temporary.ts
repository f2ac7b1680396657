/** Databases of a few seconds, to compare or to try something on. */
import { startDatabase } from "../database.ts";
import type { Migration } from "../migrations.ts";
import { makeTemporaryDir } from "../temporary.ts";

export interface TemporaryDatabase {
  port: number;
  stop(): Promise<void>;
}

/** A database that is gone when it stops, or when this process ends: empty, or with these migrations. */
export async function startTemporaryDatabase(
  migrations: Migration[] = [],
): Promise<TemporaryDatabase> {
  const dataDir = makeTemporaryDir();
  const server = await startDatabase({
    dataDir,
    temporary: true,
    migrations,
    port: 0,
    say: () => {},
  });
  return {
    port: server.port,
    stop: async () => {
      await server.stop();
      Deno.removeSync(dataDir, { recursive: true });
    },
  };
}
