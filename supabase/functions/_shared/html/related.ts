import { elementAt } from "./regions.ts";

/** Boxes beside a page's own thing, by the names that sites give to their elements. */
const BOX =
  /<(?:div|section|aside|ul|ol|nav|footer|article|li)\b[^<>]{0,300}?\b(?:class|id|data-testid|aria-label)\s*=\s*["'][^"'<>]{0,200}(?:related|similar|recommend|also[-_ ]?(?:like|viewed)|you[-_ ]?may|more[-_ ]?(?:cars|vehicles|from|listings)|other[-_ ]?(?:cars|vehicles)|recently|sponsored|carousel[-_ ]?cars|suggest)[^<>]{0,500}>/gi;
/** Headings behind which other vehicles stand, in the languages of the sites that exist. */
const HEADING =
  /<h[2-6]\b[^<>]{0,500}>(?:<[^<>]{1,300}>|\s){0,6}[^<]{0,40}?(?:you (?:may|might) also|also like|related (?:vehicles|cars|listings)|similar (?:vehicles|cars|listings)|more (?:from|vehicles|cars)|other (?:vehicles|cars)|recently (?:viewed|sold)|ähnliche|weitere (?:fahrzeuge|angebote)|similaires|autres (?:véhicules|annonces)|simili|altri (?:veicoli|annunci)|similares|otros (?:coches|vehículos)|vergelijkbare|andere auto|podobne|liknande)/gi;
/** What is looked through; a box further down is cut off with the rest. */
const SCAN = 2_000_000;
const MOST = 40;

/** A page without the boxes that show other things: what remains is the page's own, and perhaps less. */
export function withoutRelated(html: string): string {
  const page = html.slice(0, SCAN);
  HEADING.lastIndex = 0;
  const behind = HEADING.exec(page)?.index ?? page.length;
  const kept: string[] = [];
  let at = 0;
  BOX.lastIndex = 0;
  for (let count = 0; count < MOST; count++) {
    const box = BOX.exec(page);
    if (box === null || box.index >= behind) break;
    kept.push(page.slice(at, box.index));
    at = box.index + Math.max(elementAt(page, box.index, 100_000).length, box[0].length);
    BOX.lastIndex = at;
  }
  kept.push(page.slice(at, Math.max(at, behind)));
  return kept.join(" ");
}
