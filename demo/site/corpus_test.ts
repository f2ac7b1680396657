import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { mirrorUrl } from "./mirror.ts";
import { startSite } from "./server.ts";

const folder = Deno.env.get("CORPUS_DIR") ??
  fileURLToPath(new URL("../../../shared/corpus", import.meta.url));
const missing = !existsSync(`${folder}/MANIFEST.tsv`);
const name = (text: string) => missing ? `${text} (skipped: no corpus at CORPUS_DIR)` : text;

Deno.test({
  name: name("corpus mode serves the saved pages at their addresses"),
  ignore: missing,
  fn: async () => {
    const site = await startSite({ corpus: folder });
    try {
      const ask = async (url: string) => {
        const answer = await fetch(mirrorUrl(site.url, url));
        return { status: answer.status, body: await answer.text(), headers: answer.headers };
      };
      const sold = await ask("https://bringatrailer.com/listing/2009-porsche-cayman-46/");
      assert.match(sold.body, /WP0AA29829U760958/);
      const wall = site.corpus?.pages.find((page) => page.kind.startsWith("blocked"));
      assert.ok(wall);
      assert.equal((await ask(wall.url)).status, 403);
      const image = await ask("https://bringatrailer.com/wp-content/uploads/2026/04/x.jpg");
      assert.equal(image.headers.get("content-type"), "image/jpeg");
      assert.equal((await ask("https://bringatrailer.com/nothing/")).status, 404);
    } finally {
      await site.stop();
    }
  },
});
