/** A site that changes its markup, on this machine, and a stack whose fetches go there. */
import postgres from "postgres";
import { addressOf, pageAfter, pageBefore } from "../../demo/redesign/pages.ts";
import type { RedesignSite } from "../../demo/redesign/sites.ts";
import { mirrorTarget } from "../../demo/site/mirror.ts";
import type { Stack } from "../../local/stack.ts";
import { startTestStack } from "./stack.ts";
import { type Answer, postTo } from "./post.ts";

export interface RedesignWorld {
  stack: Stack;
  /** Connects as the role `postgres`. */
  sql: postgres.Sql;
  post(name: string, body?: unknown): Promise<Answer>;
  /** Addresses of the cars, in order. */
  urls: string[];
  /** Whether pages come in the new markup. */
  isRedesigned: boolean;
  /** What the old markup loses on its way out; null: nothing. */
  drops: RegExp | null;
  /** Requests for pages of cars since it was set to 0. */
  requests: number;
  close(): Promise<void>;
}

/**
 * Starts both; the site has so many cars and stands in its old markup.
 * @param alsoOn another host that offers the same cars, always in the new markup.
 */
export async function startRedesignWorld(
  site: RedesignSite,
  cars: number,
  alsoOn?: string,
): Promise<RedesignWorld> {
  const numbers = new Map(
    Array.from({ length: cars }, (_, n) => [new URL(addressOf(site, n)).pathname, n]),
  );
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const target = mirrorTarget(request.url);
    const n = numbers.get(target?.path ?? "");
    const host = target?.host ?? "";
    if (n === undefined || (host !== site.host && host !== alsoOn)) {
      return new Response("not found", { status: 404 });
    }
    world.requests++;
    const page = host === alsoOn
      ? pageAfter(site, n).replaceAll(site.host, alsoOn)
      : world.isRedesigned
      ? pageAfter(site, n)
      : pageBefore(site, n).replace(world.drops ?? "", "");
    return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
  });
  const stack = await startTestStack({
    cron: false,
    functionEnv: { SOURCE_MIRROR_URL: `http://127.0.0.1:${server.addr.port}` },
  });
  const sql = postgres(stack.dbUrl, { max: 10, onnotice: () => {} });
  await sql`alter table source_hosts alter column min_interval_ms set default 0`;
  const world: RedesignWorld = {
    stack,
    sql,
    post: (name, body) => postTo(stack, name, body),
    urls: Array.from({ length: cars }, (_, n) => addressOf(site, n)),
    isRedesigned: false,
    drops: null,
    requests: 0,
    async close() {
      await sql.end({ timeout: 5 });
      await stack.stop();
      await server.shutdown();
    },
  };
  return world;
}

/** Works a worker off until it finds nothing more; gives its answers. */
export async function drain(world: RedesignWorld, name: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let run = 0; run < 60; run++) {
    const answer = await world.post(name);
    answers.push(answer);
    if (answer.body.more_due !== true) return answers;
  }
  throw new Error(`${name} comes to no end`);
}
