import type { Page } from "../domain/page.ts";
import { pageTitle, visibleText } from "../html/visible_text.ts";

interface BotWall {
  vendor: string;
  /** What gave it away, for a person. */
  evidence: string;
}

interface Mark {
  vendor: string;
  /** A string that only the vendor's challenge holds, not the script it puts on every page. */
  markup?: string;
  title?: RegExp;
  text?: RegExp;
  /** Its text speaks of robots or people, so that one of `OF_ROBOTS` stands in it. */
  ofRobots?: true;
  /** Longest page that is the vendor's; longer ones carry its script and something else. */
  longest?: number;
}

/**
 * What challenge pages hold. Where a mark names several things, all of them must be there: a
 * vendor's sensor script stands on the pages it lets through as well.
 */
const MARKS: readonly Mark[] = [
  { vendor: "Cloudflare", markup: "_cf_chl_opt" },
  { vendor: "Cloudflare", markup: "cf-challenge-running" },
  { vendor: "Cloudflare", markup: "challenge-error-text" },
  { vendor: "Cloudflare", markup: "cf-error-details", text: /you have been blocked|security/i },
  {
    vendor: "Cloudflare",
    title: /^(just a moment|attention required!)|used cloudflare to restrict/i,
  },
  { vendor: "PerimeterX", markup: 'id="px-captcha' },
  { vendor: "PerimeterX", markup: "id='px-captcha" },
  { vendor: "PerimeterX", markup: "window._pxUuid", text: /press (&amp;|&|and) hold|denied/i },
  { vendor: "PerimeterX", title: /^access to this page has been denied/i },
  { vendor: "Akamai", markup: "sec-if-cpt-container" },
  { vendor: "Akamai", markup: "/_sec/cp_challenge/" },
  { vendor: "Akamai", title: /^access denied/i, text: /reference\s*(#|&#35;)|errors\.edgesuite/i },
  { vendor: "Akamai", title: /\bunavailable\b/i, text: /\bincident (?:number|id)\b/i },
  { vendor: "DataDome", markup: "captcha-delivery.com/", text: /^.{0,400}$/s },
  { vendor: "DataDome", markup: "var dd={'rt'" },
  { vendor: "Imperva", text: /incapsula incident id|powered by imperva/i },
  { vendor: "Imperva", title: /^pardon our interruption/i },
  { vendor: "Imperva", markup: "_Incapsula_Resource", text: /^.{0,200}$/s, longest: 5_000 },
  { vendor: "AWS WAF", markup: "window.gokuProps" },
  { vendor: "AWS WAF", markup: "AwsWafIntegration", text: /^.{0,300}$/s, longest: 20_000 },
  { vendor: "Kasada", markup: "KPSDK", text: /^.{0,100}$/s, longest: 5_000 },
  { vendor: "Sucuri", title: /^sucuri website firewall/i },
  { vendor: "Vercel", title: /^vercel security checkpoint/i },
  // The same walls in German, French, Dutch, Italian, Spanish, Polish and Swedish.
  {
    vendor: "Cloudflare",
    title:
      /^(nur einen moment|einen moment bitte|un instant|un momento|een moment geduld|een ogenblik|jeszcze chwila|proszę czekać|vänta (lite|ett ögonblick)|ett ögonblick)\s*(?:\.{3}|…|$)/i,
  },
  {
    vendor: "captcha",
    title:
      /^(sicherheitsüberprüfung|roboter-?prüfung|ich bin kein roboter|vérification de sécurité|êtes-vous un (humain|robot)|beveiligingscontrole|ben je een robot|verifica di sicurezza|sei un robot|verificación de seguridad|eres un robot|weryfikacja|czy jesteś (robotem|człowiekiem)|säkerhetskontroll|är du en (robot|människa))/i,
  },
  {
    vendor: "captcha",
    ofRobots: true,
    text:
      /(?:(?:dass|ob) (?:sie|du) (?:(?:k)?ein roboter|ein mensch) (?:sind|bist)|vous (?:êtes (?:bien )?(?:un )?(?:être )?humain|n(?:’|'|&#0?39;)êtes pas un robot)|(?:je|u) (?:geen robot|een mens) (?:bent|ben)|(?:di essere (?:un )?umano|non sei un robot|di non essere un robot)|(?:que )?(?:eres|usted es) (?:un )?humano|que no (?:eres|es) un robot|(?:że )?(?:jesteś człowiekiem|nie jesteś robotem)|(?:att )?du (?:är (?:en )?människa|inte är en robot))/i,
  },
  {
    vendor: "the site",
    title:
      /^(zugriff verweigert|accès (refusé|interdit)|toegang geweigerd|accesso negato|acceso denegado|odmowa dostępu|brak dostępu|åtkomst nekad)/i,
  },
  {
    vendor: "captcha",
    title:
      /^(robot check|robot or human|security measure|are you (a )?(human|robot)|human verification|verify(ing)? (that )?you are (a )?human|(security|bot|browser) (check|verification|challenge)|captcha|one more step|unusual traffic|(please )?complete the security check)/i,
  },
  {
    vendor: "captcha",
    ofRobots: true,
    text:
      /(verify|confirm|prove|make sure|check(ing)?)( that| if| whether)? you('re|&#39;re|&#x27;re|’re| are)( a| an)?( real)? (human|not a (ro)?bot)|are you a (ro)?bot\?|unusual traffic from your|checking your browser before|why do i have to complete a captcha/i,
  },
  { vendor: "the site", title: /^(access (is )?denied|(403 )?forbidden|you have been blocked)\b/i },
  { vendor: "the site", text: /^.{0,200}this ip has been (automatically )?blocked/is },
];

const OF_ROBOTS =
  /robot| a bot|human|humain|umano|mensch|een mens|człowiek|människa|captcha|unusual traffic|your browser/i;
/** All that marks look for in markup, for one look instead of one a mark: few pages hold any. */
const MARKUP = new RegExp(
  MARKS.flatMap(({ markup }) => markup?.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") ?? []).join("|"),
);

/** A wall says little; a page that says more than this shows something else. */
const MOST_TEXT = 2_500;
const SCAN = 400_000;

/** What was found of a page: who fetches it asks, and who reads it asks again. */
const JUDGED = new WeakMap<Page, BotWall | null>();

/**
 * Recognises a page that a bot wall put in place of the page asked for, and says whose it is;
 * `null` for any other page, also one that carries a captcha in a form or speaks of one.
 */
export function botWall(page: Page): BotWall | null {
  const known = JUDGED.get(page);
  if (known !== undefined) return known;
  const wall = wallOf(page);
  JUDGED.set(page, wall);
  return wall;
}

function wallOf(page: Page): BotWall | null {
  const html = page.body.length > SCAN ? page.body.slice(0, SCAN) : page.body;
  const text = visibleText(html, MOST_TEXT + 1, SCAN);
  if (text.length > MOST_TEXT) return null;
  const title = pageTitle(html);
  const hasMarkup = MARKUP.test(html);
  const ofRobots = OF_ROBOTS.test(text);
  for (const mark of MARKS) {
    if (mark.markup !== undefined && !hasMarkup) continue;
    if (mark.ofRobots === true && !ofRobots) continue;
    if (mark.longest !== undefined && html.length > mark.longest) continue;
    if (mark.title !== undefined && !mark.title.test(title)) continue;
    if (mark.markup !== undefined && !html.includes(mark.markup)) continue;
    if (mark.text !== undefined && !mark.text.test(text)) continue;
    return { vendor: mark.vendor, evidence: evidenceOf(mark, title, text) };
  }
  return null;
}

function evidenceOf(mark: Mark, title: string, text: string): string {
  if (mark.title !== undefined) return `title "${title.slice(0, 100)}"`;
  if (mark.markup !== undefined) return `markup "${mark.markup}"`;
  return `text "${mark.text?.exec(text)?.[0].slice(0, 100) ?? ""}"`;
}
