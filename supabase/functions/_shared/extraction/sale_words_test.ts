import assert from "node:assert/strict";
import { offerStateInText, offerStateInTitle, offerStateOf } from "./sale_words.ts";

const WORDS: Readonly<Record<string, readonly string[]>> = {
  sold: [
    "Sold",
    "SOLD!!!",
    "* sold *",
    "This car is sold",
    "Sorry, this vehicle has been sold",
    "Status: Sold",
    "Price: SOLD",
    "Verkauft",
    "Dieses Fahrzeug ist leider bereits verkauft",
    "Vendu",
    "Ce véhicule est déjà vendu",
    "Voiture vendue",
    "Verkocht",
    "Deze auto is al verkocht",
    "Venduto",
    "Questa auto è già stata venduta",
    "Vendido",
    "Este vehículo ha sido vendido",
    "Sprzedane",
    "Samochód został sprzedany",
    "Såld",
    "Bilen är såld",
    "Sold for £12,950",
    "SOLD $45,000",
    "Sold on 12/03/2024",
    "Sold March 2024",
    "Verkauft am 3.4.2025",
    "Vendu en mars 2024",
    "Verkocht voor € 8.950",
    "Solgt",
    "Sold, thanks for looking",
  ],
  pending: [
    "Sale pending",
    "SALE-PENDING",
    "Sold pending pickup",
    "Pending",
    "On hold",
    "Deposit taken",
    "Under offer",
    "Reserviert",
    "Réservé",
    "Gereserveerd",
    "Onder optie",
    "Riservata",
    "Reservado",
    "Zarezerwowany",
    "Reserverad",
  ],
  over: [
    "This listing has expired",
    "Listing ended",
    "No longer available",
    "This ad is no longer active",
    "Status: inactive",
    "Nicht mehr verfügbar",
    "Anzeige abgelaufen",
    "Annonce expirée",
    "Plus disponible",
    "Niet meer beschikbaar",
    "Annuncio scaduto",
    "Ya no está disponible",
    "Ogłoszenie nieaktualne",
    "Inte längre tillgänglig",
  ],
};
for (const [state, texts] of Object.entries(WORDS)) {
  Deno.test(`words that stand alone for "${state}" are told in every language`, () => {
    for (const text of texts) assert.equal(offerStateOf(text), state, text);
  });
}

Deno.test("words that only look so say nothing", () => {
  for (
    const text of [
      "Recently sold",
      "Sold: 12",
      "Sold in Germany",
      "Sold 12 of these",
      "Sold by owner",
      "Sold new in Texas",
      "Sold as is",
      "How we sold it",
      "To be sold",
      "Unsold",
      "Sold:",
      "Not available",
      "Price not available",
      "Pending recall",
      "Reserve not met",
      "No reserve",
      "Option",
      "Available",
      "Active",
      "For sale",
      "Hold down",
      "Verkaufspreis",
      "Verkäufer",
      "Vendeur",
      "Vendedor",
      "Venditore",
      "Verkoper",
      "Sprzedawca",
      "Säljare",
      "Title pending",
      "Extended warranty",
      "DPF deleted",
      "Deleted",
    ]
  ) assert.equal(offerStateOf(text), null, text);
});

Deno.test("a title says it at its ends or in a part of its own", () => {
  const sold = [
    "1971 VW Bug - SOLD",
    "SOLD 1971 VW Bug",
    "(SOLD) 1971 VW Bug",
    "1971 VW Bug ***sold***",
    "1971 VW Bug SOLD!",
    "1971 VW Bug is sold",
    "1971 VW Bug [VENDIDO] runs",
  ];
  for (const title of sold) assert.equal(offerStateInTitle(title), "sold", title);
  for (
    const title of [
      "1971 VW Bug - sold pending pickup",
      "1971 VW Bug sale pending",
      "PENDING - 1971 VW Bug",
    ]
  ) {
    assert.equal(offerStateInTitle(title), "pending", title);
  }
  for (
    const title of [
      "1971 VW Bug must be sold",
      "Sold as is 1971 VW Bug",
      "1971 VW Bug, originally sold",
      "Sold new here: 1971 VW",
      "1971 VW Bug, never sold",
      "2015 Ram 2500 - Deleted",
      "Smog pending 1971 VW Bug",
      "1971 VW Bug until sold",
    ]
  ) assert.equal(offerStateInTitle(title), null, title);
});

Deno.test("a text says it in a sentence of its own", () => {
  const said = (text: string) => offerStateInText(text)?.state ?? null;
  assert.equal(said("SOLD pending pickup. 1600 dual port. Thanks everyone."), "pending");
  assert.equal(said("UPDATE: SOLD\nRuns well."), "sold");
  assert.equal(said("Runs well.\nThis car has been sold!"), "sold");
  assert.equal(
    said("Runs well. It will be sold as is. The trailer has been sold separately."),
    null,
  );
  assert.equal(said("If it is listed it is not sold. We sold the other one."), null);
});
