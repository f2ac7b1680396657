/** The thread of auction_site.ts: makes the pages, then serves them. */
import { createCatalogue } from "../demo/site/catalogue.ts";
import { renderListing } from "../demo/site/markup/index.ts";
import { keyOf, mirrorTarget } from "../demo/site/mirror.ts";
import { imageAnswer, imageOwner, robotsAnswer } from "../demo/site/site.ts";

declare const self: {
  onmessage: (event: MessageEvent<{ count: number; dir: string }>) => void;
  postMessage(message: unknown): void;
};

const HOST = "bringatrailer.com";

self.onmessage = async ({ data: { count, dir } }) => {
  const catalogue = createCatalogue({
    seed: "bench",
    counts: { [HOST]: count },
    now: Date.now(),
    busy: true,
  });
  const files = new Map<string, string>();
  const pages: { url: string; bids: number; comments: number; images: number }[] = [];
  let bytes = 0;
  for (const listing of catalogue.all()) {
    const file = `${dir}/${listing.index}.html`;
    const body = new TextEncoder().encode(renderListing(listing, true));
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
    (request) => {
      const target = mirrorTarget(request.url);
      if (target === null) return new Response("no such address", { status: 404 });
      if (target.path === "/robots.txt") return robotsAnswer(target.host);
      const owner = imageOwner(target);
      if (owner !== null) return imageAnswer(target, catalogue.at(owner.host, owner.index));
      const file = files.get(`${target.host}${target.path.replace(/\/$/, "")}`);
      if (file === undefined) return new Response("no such page", { status: 404 });
      return new Response(Deno.readFileSync(file), {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    },
  );
  self.postMessage({ url: `http://127.0.0.1:${server.addr.port}`, pages, bytes });
};
