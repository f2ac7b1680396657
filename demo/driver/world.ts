import postgres from "postgres";
import { type Stack, startStack } from "../../local/stack.ts";
import { type Site, type SiteOptions, startSite } from "../site/server.ts";

export type Sql = postgres.Sql;

/** A stack, and the websites that it is allowed to know. */
export interface World {
  stack: Stack;
  site: Site;
  sql: Sql;
  /** Milliseconds that the stack took to start. */
  startedInMs: number;
  stop(): Promise<void>;
}

/** Starts stack and sites. Nothing is left running when either cannot be started. */
export async function startWorld(options: SiteOptions): Promise<World> {
  const begun = Date.now();
  const site = await startSite(options);
  try {
    const stack = await startStack({
      quiet: true,
      functionEnv: { SOURCE_MIRROR_URL: site.url, CONTACT_URL: "https://demo.example/contact" },
    });
    const sql = postgres(stack.dbUrl, { max: 4, onnotice: () => {} });
    return {
      stack,
      site,
      sql,
      startedInMs: Date.now() - begun,
      stop: async () => {
        await sql.end({ timeout: 1 });
        await stack.stop();
        await site.stop();
      },
    };
  } catch (error) {
    await site.stop();
    throw error;
  }
}
