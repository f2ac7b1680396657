/** The thread of page_site.ts: makes the pages, then serves them. */
import { buildListing, type BuildOptions } from "../demo/site/build.ts";
import { HOSTS } from "../demo/site/hosts.ts";
import type { Listing } from "../demo/site/listing.ts";
import { renderListing } from "../demo/site/markup/index.ts";
import { keyOf, mirrorTarget } from "../demo/site/mirror.ts";
import { imageAnswer, imageOwner, robotsAnswer } from "../demo/site/site.ts";
import { cpuTimeMs } from "../supabase/functions/_shared/edge/cpu_time.ts";
import type { PageKind, SiteUse } from "./page_site.ts";
import { postPage, POSTS_HOST } from "./post_page.ts";

declare const self: {
  onmessage: (
    event: MessageEvent<{ kind: PageKind; count: number; dir: string } | "use">,
  ) => void;
  postMessage(message: unknown): void;
};

const use: Omit<SiteUse, "cpuSeconds"> = { pages: 0, images: 0, bytes: 0 };

self.onmessage = async ({ data }) => {
  if (data !== "use") return await serve(data.kind, data.count, data.dir);
  self.postMessage({ ...use, cpuSeconds: (cpuTimeMs() ?? 0) / 1000 });
};

/** The listings of a kind by number, and how their pages are written. */
function pagesOf(kind: PageKind): { at(index: number): Listing; render(it: Listing): string } {
  const options: BuildOptions = { seed: "bench", now: Date.now(), busy: kind === "auctions" };
  const profile = kind === "posts"
    ? POSTS_HOST
    : HOSTS.find(({ host }) => host === "bringatrailer.com");
  if (profile === undefined) throw new Error("the demo has no auctions any more");
  return {
    at: (index) => buildListing(options, profile, index),
    render: kind === "posts" ? postPage : (listing) => renderListing(listing, true),
  };
}

async function serve(kind: PageKind, count: number, dir: string): Promise<void> {
  const { at, render } = pagesOf(kind);
  const files = new Map<string, string>();
  const pages: { url: string; bids: number; comments: number; images: number }[] = [];
  let bytes = 0;
  for (let index = 0; index < count; index++) {
    const listing = at(index);
    const file = `${dir}/${index}.html`;
    const body = new TextEncoder().encode(render(listing));
    await Deno.writeFile(file, body);
    files.set(keyOf(listing.url), file);
    bytes += body.length;
    pages.push({
      url: listing.url,
      bids: listing.auction?.bids.filter((bid) => !bid.canceled).length ?? 0,
      comments: listing.auction?.remarks.length ?? 0,
      images: listing.images.length,
    });
    if (pages.length % 500 === 0) self.postMessage(`${pages.length} of ${count} pages made`);
  }

  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const target = mirrorTarget(request.url);
      if (target === null) return new Response("no such address", { status: 404 });
      if (target.path === "/robots.txt") return robotsAnswer(target.host);
      const owner = imageOwner(target);
      if (owner !== null) {
        const answer = imageAnswer(target, owner.index < count ? at(owner.index) : null);
        const picture = await answer.bytes();
        use.images++;
        use.bytes += picture.length;
        return new Response(picture, answer);
      }
      const file = files.get(`${target.host}${target.path.replace(/\/$/, "")}`);
      if (file === undefined) return new Response("no such page", { status: 404 });
      const page = Deno.readFileSync(file);
      use.pages++;
      use.bytes += page.length;
      return new Response(page, {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    },
  );
  self.postMessage({ url: `http://127.0.0.1:${server.addr.port}`, pages, bytes });
}
