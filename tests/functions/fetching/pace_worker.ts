/** One worker in a process of its own: asks for pages and pictures of a host until its time is up. */
import { connect } from "../../../supabase/functions/_shared/database/client.ts";
import { createFetcher } from "../../../supabase/functions/_shared/fetching/fetcher.ts";

const [url = "", key = "", mirror = "", name = "", seconds = "0"] = Deno.args;
const deadline = Date.now() + Number(seconds) * 1000;
let asked = 0;
// Pages are parsed meanwhile: for a fifth of a second nothing else is done, and what was due then is late.
setInterval(() => {
  for (const until = performance.now() + 200; performance.now() < until;);
}, 700 + 40 * Number(name));
while (Date.now() < deadline - 1000) {
  // Runs as workers make them, one after another.
  const fetcher = createFetcher({
    database: connect(url, key),
    env: { SUPABASE_URL: url, SOURCE_MIRROR_URL: mirror },
    deadline: Math.min(deadline, Date.now() + 6000),
    pages: asked % 2 === 0 ? "page" : "new_page",
  });
  const pages = Array.from({ length: 12 }, () => `https://cars.example/${name}/${asked++}`);
  fetcher.expect(pages);
  await Promise.all([
    ...pages.map((one) => fetcher.page(one, { keepSnapshot: false })),
    ...pages.slice(0, 4).map((one) => fetcher.bytes(`${one}.jpg`)),
  ]);
  await fetcher.flush();
}
Deno.exit();
