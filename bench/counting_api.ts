/** A way to the API of a stack that counts what goes through it. */

/** How often each address was called, as `POST rpc/claim_queue` or `POST object/page-snapshots`. */
export type Calls = Map<string, number>;

/** Whether a kind of call reads, writes or removes an object of Storage, and not rows. */
export const isObject = (kind: string): boolean => / object\//.test(kind);

/** Bytes of bodies, not compressed. */
interface Traffic {
  /** Sent to the API and Storage. */
  sent: number;
  /** Answered by them: what leaves a hosted project's database and Storage. */
  answered: number;
}

export interface CountingApi {
  /** In place of the stack's own address. */
  url: string;
  /** What was called since the last time, most often first. */
  take(): Calls;
  /** What went through it since it stands. */
  traffic(): Traffic;
  stop(): Promise<void>;
}

/** Of an address what tells one kind of call from another: no query, and of an object its bucket. */
function kindOf(method: string, path: string): string {
  const short = path.replace(/^\/(rest|storage)\/v1\//, "");
  return `${method} ${short.replace(/^(object\/[^/]+)\/.*$/, "$1")}`;
}

/** Passes every request on to `target` and counts it. */
export function startCountingApi(target: string): CountingApi {
  let calls: Calls = new Map();
  const traffic: Traffic = { sent: 0, answered: 0 };
  const counted = (body: ReadableStream<Uint8Array> | null, way: keyof Traffic) =>
    body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          traffic[way] += chunk.length;
          controller.enqueue(chunk);
        },
      }),
    ) ?? null;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const kind = kindOf(request.method, pathname);
      calls.set(kind, (calls.get(kind) ?? 0) + 1);
      const answer = await fetch(`${target}${pathname}${search}`, {
        method: request.method,
        headers: request.headers,
        body: counted(request.body, "sent"),
        redirect: "manual",
      });
      return new Response(counted(answer.body, "answered"), answer);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    take() {
      const taken = new Map([...calls].sort(([, one], [, other]) => other - one));
      calls = new Map();
      return taken;
    },
    traffic: () => ({ ...traffic }),
    stop: () => server.shutdown(),
  };
}
