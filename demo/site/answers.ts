import type { Fault } from "./faults.ts";
import type { MirrorTarget } from "./mirror.ts";
import { cloudflareWall, nested, perimeterxWall, removed, shell } from "./markup/walls.ts";

const HTML = "text/html; charset=utf-8";

export const html = (body: string, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(body, { status, headers: { "content-type": HTML, ...headers } });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `bytes` of filler after a heading, sent in pieces of 64 KB so that none of it is held. */
function hugeBody(bytes: number): ReadableStream<Uint8Array> {
  const piece = new TextEncoder().encode("<p>for sale, for sale, for sale</p>\n".repeat(1900));
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close();
      controller.enqueue(piece.subarray(0, Math.min(left, piece.length)));
      left -= piece.length;
    },
  });
}

/** The body in twenty pieces that take `ms` together. */
function slowBody(body: Uint8Array, ms: number): ReadableStream<Uint8Array> {
  const size = Math.max(1, Math.ceil(body.length / 20));
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      if (at >= body.length) return controller.close();
      if (at > 0) await pause(ms / 20);
      controller.enqueue(body.subarray(at, at + size));
      at += size;
    },
  });
}

function inWrongCharset(body: Uint8Array, label: string): Response {
  const bytes = new Uint8Array(body.length + 6);
  const half = body.indexOf(0x3e, body.length / 2) + 1; // after a `>`: in the text, not in a tag
  bytes.set(body.subarray(0, half));
  bytes.set([0xff, 0xfe, 0xe9, 0x80, 0xc3, 0x28], half);
  bytes.set(body.subarray(half), half + 6);
  return new Response(bytes, { headers: { "content-type": `text/html; charset=${label}` } });
}

/**
 * The answer that a fault puts in the place of the true one, or makes out of it. `normal` gives
 * the answer of an address without faults.
 */
export async function faultyAnswer(
  fault: Fault,
  target: MirrorTarget,
  normal: () => Promise<Response>,
): Promise<Response> {
  const here = `${target.scheme}://${target.host}${target.path}`;
  switch (fault.kind) {
    case "rate_limited":
      return html("<h1>Too many requests</h1>", 429, { "retry-after": String(fault.retryAfter) });
    case "server_error":
      return html("<h1>Something broke on our side</h1>", fault.status ?? 500);
    case "gone":
      return html(removed(), fault.status);
    case "slow":
      await pause(fault.ms);
      return normal();
    case "slow_body": {
      const answer = await normal();
      const body = new Uint8Array(await answer.arrayBuffer());
      return new Response(slowBody(body, fault.ms), {
        status: answer.status,
        headers: { "content-type": answer.headers.get("content-type") ?? HTML },
      });
    }
    case "bot_wall":
      return html(
        fault.vendor === "cloudflare" ? cloudflareWall(target.host) : perimeterxWall(),
        403,
      );
    case "shell":
      return html(shell(target.host));
    case "redirect":
      return new Response(null, { status: fault.status ?? 302, headers: { location: fault.to } });
    case "redirect_loop":
      return new Response(null, { status: 302, headers: { location: `${here}?again=1` } });
    case "huge":
      return new Response(hugeBody(fault.bytes), {
        headers: {
          "content-type": HTML,
          ...(fault.declared ? { "content-length": String(fault.bytes) } : {}),
        },
      });
    case "truncated": {
      const body = new Uint8Array(await (await normal()).arrayBuffer());
      return new Response(body.slice(0, Math.floor(body.length * fault.share)), {
        headers: { "content-type": HTML },
      });
    }
    case "broken_off": {
      const body = new Uint8Array(await (await normal()).arrayBuffer());
      const part = body.slice(0, Math.floor(body.length * fault.share));
      // A stream that ends before the length that it announced: the connection is cut.
      return new Response(new Blob([part]).stream(), {
        headers: { "content-type": HTML, "content-length": String(body.length) },
      });
    }
    case "empty":
      return html("");
    case "wrong_charset":
      return inWrongCharset(
        new Uint8Array(await (await normal()).arrayBuffer()),
        fault.label ?? "x-no-such-charset",
      );
    case "nested":
      return html(nested(fault.depth));
    case "html_as_image":
      return new Response("<html><body>Log in to see this picture</body></html>", {
        headers: { "content-type": "image/jpeg" },
      });
    case "page_says": // the page itself is rendered with the change
      return normal();
  }
}
