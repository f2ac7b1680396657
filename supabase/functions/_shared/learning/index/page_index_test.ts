import assert from "node:assert/strict";
import { indexPage } from "./page_index.ts";
import { PageView } from "./view.ts";

const texts = (html: string, kind: string) =>
  indexPage(html).units.filter((unit) =>
    unit.kind === kind || (kind === "line" && unit.whole === true)
  ).map(({ text }) => text);

Deno.test("what nobody sees is no text: comments, scripts, hidden elements, choices", () => {
  const html = `<body><!-- a --><script>b</script><style>c</style><p hidden>d</p>
    <p style="color:red; display : none">e<b>f</b></p><select><option>g</option></select>
    <div class="d-none"><i>h</i></div><template>i</template><p data-hidden="hidden">seen</p></body>`;
  assert.deepEqual(texts(html, "piece"), ["seen"]);
});

Deno.test("a line goes over inline tags and ends where a block does", () => {
  const html = `<div>Sold by <b>Ann</b>, <i>Ohio</i><br>since <u>1999</u><p>x</div>`;
  assert.deepEqual(texts(html, "line"), ["Sold by Ann, Ohio", "since 1999", "x"]);
  assert.deepEqual(
    texts(html, "piece"),
    ["Sold by", "Ann", ", Ohio", "since", "1999", "x"].map(
      (text) => text.replace(", Ohio", "Ohio"),
    ),
  );
});

Deno.test("entities are decoded, and cells and items without an end tag end where the next begins", () => {
  const html = `<table><tr><th>A &amp; B<th>C<tr><td>1&nbsp;000<td>2</table><ul><li>x<li>y</ul>`;
  const { units } = indexPage(html);
  assert.deepEqual(units.map(({ text, header }) => [text, header]), [
    ["A & B", undefined],
    ["C", undefined],
    ["1 000", "A & B"],
    ["2", "C"],
    ["x", undefined],
    ["y", undefined],
  ]);
});

Deno.test("a tag's quotes may hold what ends a tag", () => {
  assert.deepEqual(texts(`<p title="a > b" class='x'>seen</p>`, "piece"), ["seen"]);
});

Deno.test("microdata and meta tags state values beside the text", () => {
  const html = `<meta property="og:title" content="T"><p>
    <span itemprop="price" content="12.50">12,50</span><time datetime="2021-03-05">5 March</time>`;
  const view = new PageView(indexPage(html));
  const at = (key: string) => view.at(key).map((unit) => view.unit(unit).text);
  assert.deepEqual(at("meta|meta|og:title"), ["T"]);
  assert.deepEqual(at("name|attribute|itemprop=price@content"), ["12.50"]);
  assert.deepEqual(at("name|attribute|<time>@datetime"), ["2021-03-05"]);
});

Deno.test("hostile markup costs no more than it is long", () => {
  const million = 1_000_000;
  const pages = [
    "<div>".repeat(million / 5) + "x",
    "<div><p>a".repeat(5_000) + "</div>".repeat(5_000),
    "<".repeat(million),
    `<a b="`.repeat(million / 6),
    "<b>".repeat(5_000) + "</i>".repeat(million / 4),
    "<ul>" + "<li>".repeat(million / 4),
    "<!--".repeat(million / 4),
    "<script ".repeat(million / 8),
    "<p>word 12 &amp; more</p>".repeat(million / 25),
  ];
  for (const html of pages) {
    const { units, elements } = indexPage(html);
    assert.ok(units.length <= 8_000 && elements.length <= 20_000, html.slice(0, 20));
  }
});
