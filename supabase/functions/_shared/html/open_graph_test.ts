import assert from "node:assert/strict";
import { canonicalUrl, metaTags } from "./open_graph.ts";

Deno.test("metaTags and the page's own address", () => {
  const html =
    `<meta content='A &amp; B' property="og:title"><meta name=description content="d"><meta property="og:title" content="second">
    <link rel="canonical" href="https://a.example/1">`;
  const tags = metaTags(html);
  assert.deepEqual([tags.get("og:title"), tags.get("description")], ["A & B", "d"]);
  assert.equal(canonicalUrl(html, tags), "https://a.example/1");
  assert.equal(canonicalUrl("", new Map([["og:url", "u"]])), "u");
});
