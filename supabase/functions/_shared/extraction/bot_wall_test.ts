import assert from "node:assert/strict";
import type { Page } from "../domain/page.ts";
import { botWall } from "./bot_wall.ts";

function page(body: string, status = 200): Page {
  return {
    url: "https://cars.example/listing/1",
    status,
    contentType: "text/html",
    body,
    fetchedAt: "2026-01-01T00:00:00Z",
  };
}

const WALLS: Record<string, string> = {
  "Cloudflare":
    `<title>Just a moment...</title><body><noscript>Enable JavaScript</noscript><script>window._cf_chl_opt={cvId:'3'}</script>`,
  "PerimeterX":
    `<title>Access to this page has been denied.</title><div id="px-captcha"></div>Press &amp; Hold to confirm`,
  "Akamai":
    `<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>You don't have permission to access this page.<P>Reference&#32;&#35;18.2d351ab8 reference #18.2d</BODY>`,
  "DataDome":
    `<html><head><title>cars.example</title></head><body><p id="cmsg">Please enable JS and disable any ad blocker</p><script>var dd={'rt':'c','cid':'x','host':'geo.captcha-delivery.com'}</script></body>`,
  "Imperva":
    `<html><body><iframe src="/_Incapsula_Resource?x">Request unsuccessful. Incapsula incident ID: 1-2</iframe></body>`,
  "captcha":
    `<title>cars.example</title><h1>Please verify you are a human</h1><div class="g-recaptcha"></div>`,
};

/** Of each language: the title or the words that its walls have. */
const IN_OTHER_LANGUAGES: readonly string[] = [
  `<title>Nur einen Moment…</title><p>Die Verbindung wird geprüft</p>`,
  `<title>autos.example</title><h1>Bitte bestätigen Sie, dass Sie kein Roboter sind</h1>`,
  `<title>Un instant…</title><p>Vérification de la sécurité de votre connexion</p>`,
  `<title>voitures.example</title><p>Veuillez confirmer que vous n'êtes pas un robot.</p>`,
  `<title>Een ogenblik…</title><p>Controleren</p>`,
  `<title>auto.example</title><p>Bevestig dat je geen robot bent</p>`,
  `<title>auto.example</title><p>Verifica di non essere un robot per continuare</p>`,
  `<title>Acceso denegado</title><p>Su dirección ha sido bloqueada</p>`,
  `<title>coches.example</title><p>Confirma que no eres un robot</p>`,
  `<title>auta.example</title><p>Potwierdź, że nie jesteś robotem</p>`,
  `<title>bilar.example</title><p>Bekräfta att du inte är en robot</p>`,
  `<title>Zugriff verweigert</title><p>Fehler 1020</p>`,
];
for (const body of IN_OTHER_LANGUAGES) {
  Deno.test(`botWall knows a wall by "${body.slice(7, 90)}"`, () => {
    assert.notEqual(botWall(page(body)), null);
  });
}

Deno.test("botWall takes no classified for a wall because it speaks of a moment or a robot", () => {
  const ad =
    `<title>Roboter-Mäher mit VW Golf 2015</title><p>Einen Moment bitte, dann rufe ich zurück.</p>`;
  assert.equal(botWall(page(ad)), null);
});

for (const [vendor, body] of Object.entries(WALLS)) {
  Deno.test(`botWall names ${vendor} when a page is its challenge`, () => {
    assert.equal(botWall(page(body))?.vendor, vendor);
  });
}

Deno.test("botWall recognises what sites of cars show to robots", () => {
  const vendor = (body: string) => botWall(page(body))?.vendor;
  const autotrader =
    `<title>Autotrader - page unavailable</title><p>We're sorry for any inconvenience. Incident Number: 18.1</p>`;
  assert.equal(vendor(autotrader), "Akamai");
  assert.equal(
    vendor("<title>Pardon Our Interruption...</title><p>As you were browsing</p>"),
    "Imperva",
  );
  assert.equal(
    vendor("<title>Access denied | cars.example used Cloudflare to restrict access</title>"),
    "Cloudflare",
  );
  assert.equal(vendor("<title>Access Denied</title><p>No.</p>"), "the site");
  assert.equal(vendor("<p>This IP has been automatically blocked.</p>"), "the site");
});

Deno.test("botWall stays silent when a shell of an app carries a sensor script", () => {
  const body =
    `<title>Cars</title><script src="/_Incapsula_Resource?x"></script><div id="root"></div>` +
    `<script>${"let a = 1; ".repeat(600)}</script>`;
  assert.equal(botWall(page(body)), null);
});

Deno.test("botWall recognises DataDome's answer to a script, which is JSON", () => {
  const body = `{"url":"https://geo.captcha-delivery.com/captcha/?initialCid=AHrl&hash=1"}`;
  assert.equal(botWall(page(body, 403))?.vendor, "DataDome");
});

const listing = "<h1>1990 Mazda Miata</h1><p>" + "It runs well and has new tires. ".repeat(120);

Deno.test("botWall stays silent when a listing page carries the sensor scripts of a vendor", () => {
  const scripts = `<script>window._pxAppId="PX1";window._pxUuid="u"</script>` +
    `<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>` +
    `<script src="/_Incapsula_Resource?SWJIYLWA=1"></script><script src="https://js.captcha-delivery.com/tags.js"></script>`;
  assert.equal(botWall(page(`<title>1990 Mazda Miata</title>${scripts}${listing}`)), null);
});

Deno.test("botWall stays silent when a short listing page has a captcha in its contact form", () => {
  const body =
    `<title>1990 Mazda Miata</title><h1>1990 Mazda Miata</h1><p>Runs well. No bots please, solve the captcha.</p>` +
    `<form><div class="g-recaptcha" data-sitekey="k"></div></form><script src="https://www.google.com/recaptcha/api.js"></script>`;
  assert.equal(botWall(page(body)), null);
});

Deno.test("botWall stays silent when a long page quotes a challenge in its text", () => {
  const body = `<title>1990 Mazda Miata</title>${listing}please verify you are a human _cf_chl_opt`;
  assert.equal(botWall(page(body)), null);
});
