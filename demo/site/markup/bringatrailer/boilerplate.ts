import { randomOf } from "../../random.ts";

/**
 * What stands on every auction page whatever it sells. It names every outcome and several prices,
 * as the real pages' templates do, so a reader that searches the whole page reads nonsense.
 */
export const TEMPLATES = `
<script type="text/html" id="tmpl-outcomes">
  <div class="outcome">Reserve not met</div><div class="outcome">This lot was withdrawn</div>
  <div class="outcome">Sold for <strong>USD $1</strong></div><div class="outcome">Bid to <strong>USD $1</strong></div>
  <p>Listings marked no reserve sell to the highest bidder. Winning Bid, High Bid (Reserve Not Met).</p>
</script>
<div class="related"><a class="item" href="https://bringatrailer.com/listing/another-one-999999/"
  title="1971 Fiat 500L"><img src="https://bringatrailer.com/wp-content/uploads/2025/01/other-car-1.jpg" alt="">
  <span class="item-results">Sold for USD $8,250 on 1/2/25</span></a></div>`;

/** Scripts and settings of about `kilobytes` KB, as a theme writes them into the head. */
function scripts(kilobytes: number): string {
  const random = randomOf("boilerplate", "scripts");
  const parts: string[] = [];
  for (let size = 0, n = 0; size < kilobytes * 1024; n++) {
    const settings = Object.fromEntries(
      Array.from({ length: 24 }, (_, i) => [
        `setting${n}_${i}`,
        random.chance(0.5)
          ? `Please confirm step ${random.digits(4)} before you continue.`
          : `https://bringatrailer.com/assets/${random.digits(12)}.js?v=${random.digits(8)}`,
      ]),
    );
    const part =
      `<script type="text/javascript" id="bat-module-${n}-js-extra">\n/* <![CDATA[ */\n` +
      `var BAT_MODULE_${n} = ${
        JSON.stringify(settings).replaceAll("/", "\\/")
      };\n/* ]]> */\n</script>\n`;
    parts.push(part);
    size += part.length;
  }
  return parts.join("");
}

/** Menus and templates of about `kilobytes` KB: many small elements, as a real page's header has. */
function menus(kilobytes: number, name: string): string {
  const random = randomOf("boilerplate", name);
  const parts: string[] = [];
  for (let size = 0, n = 0; size < kilobytes * 1024; n++) {
    const part =
      `<div class="menu-panel" data-panel="${n}"><div class="menu-row"><ul class="menu-list">` +
      Array.from(
        { length: 8 },
        () =>
          `<li class="menu-item"><a class="menu-link" href="https://bringatrailer.com/models/${
            random.digits(6)
          }/" data-bind="click: open.bind($data, '${
            random.digits(3)
          }')"><span class="icon"></span>` +
          `<span class="label">Model group ${random.digits(3)}</span></a></li>`,
      ).join("") +
      `</ul><svg width="24" height="24" viewBox="0 0 24 24"><path d="M${random.digits(2)} ${
        random.digits(2)
      }l7 7 7-7z"></path></svg></div></div>\n`;
    parts.push(part);
    size += part.length;
  }
  return parts.join("");
}

/** The weight of a real page (about 420 KB with its own content), made once and shared. */
interface Weight {
  head: string;
  header: string;
  footer: string;
}

export const LIGHT: Weight = { head: "", header: "", footer: "" };

let heavy: Weight | null = null;
/** The boilerplate that brings a page to the 400–660 KB of a real one. */
export function heavyWeight(): Weight {
  heavy ??= { head: scripts(70), header: menus(60, "header"), footer: menus(110, "footer") };
  return heavy;
}
