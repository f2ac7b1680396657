import { strict as assert } from "node:assert";
import { mirrorUrl } from "../site/mirror.ts";
import { startSite } from "../site/server.ts";
import { checkPoliteness } from "./politeness.ts";

Deno.test("asking without robots.txt, without a contact, or where it is forbidden is found", async () => {
  const site = await startSite();
  try {
    const ask = async (url: string, agent: string) => {
      const answer = await fetch(mirrorUrl(site.url, url), { headers: { "user-agent": agent } });
      await answer.body?.cancel();
    };
    const good = "demo (+https://demo.example/contact)";
    await ask("https://classics.example/robots.txt", good);
    await ask("https://classics.example/x", good);
    assert.deepEqual(checkPoliteness(site).problems, []);
    await ask("https://classics.example/y", "curl");
    await ask("https://autos.example/members-only/x-1.html", good);
    const problems = checkPoliteness(site).problems.join("\n");
    assert.match(problems, /1 requests without a contact/);
    assert.match(problems, /autos\.example was asked before its robots\.txt/);
    assert.match(problems, /members-only\/x-1\.html was asked for/);
  } finally {
    await site.stop();
  }
});
