import { pngOf } from "../../../supabase/functions/_shared/workers/images/testing/samples.ts";

/** What the host answers for a path. */
type Answer = () => Response | Promise<Response>;

/** An image host behind the mirror: what it serves, and how often each URL was asked for. */
export interface ImageHost {
  /** What SOURCE_MIRROR_URL is set to. */
  url: string;
  /** Sets what a real URL answers. */
  serve(realUrl: string, answer: Uint8Array<ArrayBuffer> | Answer): void;
  /** How often a real URL was asked for. */
  count(realUrl: string): number;
  stop(): Promise<void>;
}

/** Any image as PNG: the seed makes its content. */
export function picture(seed: number): Uint8Array<ArrayBuffer> {
  return pngOf(640, 480, seed);
}

/** Starts the host on a free port of this machine. What it does not know is 404. */
export function startImageHost(): ImageHost {
  const answers = new Map<string, Answer>();
  const counts = new Map<string, number>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const real = new URL(request.url).pathname.slice(1).replace(/^(https?)\//, "$1://");
    counts.set(real, (counts.get(real) ?? 0) + 1);
    const answer = answers.get(real);
    return answer ? await answer() : new Response("no such file", { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    serve(realUrl, answer) {
      const bytes = answer;
      answers.set(
        realUrl,
        bytes instanceof Uint8Array
          ? () => new Response(bytes, { headers: { "content-type": "image/png" } })
          : bytes,
      );
    },
    count: (realUrl) => counts.get(realUrl) ?? 0,
    stop: () => server.shutdown(),
  };
}
