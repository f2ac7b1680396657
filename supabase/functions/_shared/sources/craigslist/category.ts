import { pageTitle } from "../../html/visible_text.ts";

/** The site's codes of the categories that hold vehicles: cars and trucks, motorcycles, RVs, heavy, ATVs. */
const VEHICLES = new Set(
  "cta,cto,ctd,mca,mcy,mcd,mco,rva,rvs,rvd,rvo,hva,hvo,hvd,heq,hed,sna,snw,snd,sno,sss".split(","),
);

/** The category under which a post stands; `null` when the page does not say or it holds vehicles. */
export function otherCategory(html: string, url: string): string | null {
  const crumbs = breadcrumbs(html);
  const codes = [
    ...crumbs.matchAll(
      /\/search\/(?:[a-z]{3}\/)?([a-z]{3})(?=["?])|[?&](?:amp;)?cat=([a-z]{3})\b/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? "");
  const code = codes.at(-1) ?? /\/([a-z]{3})\/d\//.exec(url)?.[1];
  if (code === undefined || VEHICLES.has(code)) return null;
  return code;
}

/** Who sells: "owner" or "dealer", as the page's title or its trail says. */
export function sellerKind(
  html: string,
  url: string,
): { kind: "owner" | "dealer"; evidence: string } | null {
  const title = / - by (owner|dealer)\b/.exec(pageTitle(html))?.[1];
  if (title !== undefined) {
    return { kind: kindOf(title), evidence: `the page's title says "by ${title}"` };
  }
  const crumbs = breadcrumbs(html);
  const trail = /purveyor=(owner|dealer)\b/.exec(crumbs)?.[1] ??
    /\bby[ -](owner|dealer)\b/.exec(crumbs)?.[1];
  if (trail !== undefined) return { kind: kindOf(trail), evidence: `filed under "by ${trail}"` };
  const [, code, letter] = /\/((?:ct|mc|rv|pt)([ody]))\/d\//.exec(url) ?? [];
  if (code === undefined) return null;
  const kind = letter === "d" ? "dealer" : "owner";
  return { kind, evidence: `filed under "${code}", which is by ${kind}` };
}

function kindOf(text: string): "owner" | "dealer" {
  return text === "dealer" ? "dealer" : "owner";
}

/** The trail of links above a post: markup for machines, or the list that is shown. */
function breadcrumbs(html: string): string {
  const data = html.indexOf('id="ld_breadcrumb_data"');
  if (data >= 0) {
    const end = html.indexOf("</script>", data);
    return html.slice(data, end < 0 ? data + 4_000 : Math.min(end, data + 8_000));
  }
  const list = html.indexOf('class="breadcrumbs');
  return list < 0 ? "" : html.slice(list, list + 4_000);
}
