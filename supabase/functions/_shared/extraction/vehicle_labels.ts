/** What a label states of a vehicle. */
export type Labelled =
  | "year"
  | "make"
  | "model"
  | "trim"
  | "vin"
  | "mileage"
  | "asking_price"
  | "color"
  | "interior_color"
  | "engine"
  | "transmission"
  | "drivetrain"
  | "body_style"
  | "location";

/**
 * Labels of listings in English, German, French, Italian, Spanish, Dutch, Polish and Swedish, as
 * sites write them. Left out on purpose: a first registration's day where it is no year of make
 * ("MOT until"), a price before or after another.
 */
const LABELS: Readonly<Record<Labelled, string>> = {
  year:
    "year|model year|year of manufacture|manufacture year|year built|production year|baujahr|modelljahr|erstzulassung|ez|année|année modèle|mise en circulation|1re mise en circulation|première immatriculation|année-modèle|anno|immatricolazione|prima immatricolazione|anno di immatricolazione|año|año de matriculación|matriculación|primera matriculación|bouwjaar|modeljaar|datum eerste toelating|rok produkcji|rocznik|årsmodell|modellår|tillverkningsår|first registration",
  make:
    "make|manufacturer|brand|marke|hersteller|marque|constructeur|marca|casa automobilistica|merk|fabrikant|marka|marka pojazdu|märke|fabrikat",
  model: "model|modell|modèle|modello|modelo|model pojazdu",
  trim:
    "trim|trim level|version|variante|ausstattungslinie|finition|allestimento|versione|versión|uitvoering|wersja|utrustningsnivå",
  vin:
    "vin|vin number|vin #|vin no.|vehicle identification number|chassis number|chassis no.|chassis #|fin|fahrgestellnummer|fahrzeug-identifizierungsnummer|numéro de série|numéro de châssis|n° de châssis|numero di telaio|telaio|número de bastidor|bastidor|chassisnummer|numer vin|chassinummer",
  mileage:
    "mileage|odometer|miles|kilometers|kilometres|odometer reading|kilometerstand|laufleistung|km-stand|kilométrage|kilometrage|chilometraggio|km percorsi|chilometri|kilometraje|kilómetros|kilometrów|km-stand|tellerstand|przebieg|miltal|mätarställning",
  asking_price:
    "price|asking price|our price|internet price|sale price|preis|kaufpreis|verkaufspreis|prix|prix de vente|prezzo|precio|precio al contado|prijs|vraagprijs|cena|pris",
  color:
    "color|colour|exterior color|exterior colour|ext. color|farbe|außenfarbe|couleur|couleur extérieure|colore|colore esterno|color exterior|kleur|kleur exterieur|kolor|färg",
  interior_color:
    "interior color|interior colour|int. color|innenfarbe|couleur intérieure|couleur intérieur|colore interni|color interior|color tapicería|kleur interieur|interieurkleur|kolor wnętrza|inredningsfärg",
  engine: "engine|engine description|motor|moteur|motore|silnik",
  transmission:
    "transmission|gearbox|getriebe|schaltung|boîte de vitesses|boîte|boîte de vitesse|cambio|tipo di cambio|caja de cambios|transmisión|transmissie|versnellingsbak|skrzynia biegów|växellåda",
  drivetrain:
    "drivetrain|drive type|drive train|drivetype|antrieb|antriebsart|transmission type|trazione|tracción|aandrijving|napęd|drivning|drivhjul",
  body_style:
    "body style|body type|body|karosserie|karosserieform|aufbau|carrosserie|carrozzeria|carrocería|koetswerk|nadwozie|typ nadwozia|karosseri|kaross",
  location:
    "location|vehicle location|standort|fahrzeugstandort|lieu|localisation|località|ubicación|locatie|lokalizacja|ort",
};

const BY_LABEL: ReadonlyMap<string, Labelled> = new Map(
  Object.entries(LABELS).flatMap(([field, labels]) =>
    labels.split("|").map((label) => [label, field as Labelled] as const)
  ),
);

const IN_MARKUP = new Map<Labelled, RegExp>(
  Object.entries(LABELS).map(([field, labels]) => {
    const written = labels.split("|").map((label) =>
      label.replace(/[.*+?^$()[\]\\]/g, "\\$&")
        .replace(/[^\x20-\x7e]/g, (letter) => `(?:${letter}|&[#\\w]{2,9};)`)
        .replaceAll(" ", "(?:\\s|&nbsp;)+")
    );
    return [field as Labelled, new RegExp(`>\\s{0,99}(?:${written.join("|")})\\s{0,9}[::<]`, "i")];
  }),
);

/** Whether a page's markup has a label of one of these fields at all; cheaper than to read them all. */
export function hasLabel(html: string, fields: readonly Labelled[]): boolean {
  return fields.some((field) => IN_MARKUP.get(field)?.test(html));
}

/** What a label states; `null` for any other words. */
export function labelOf(text: string): Labelled | null {
  if (text.length > 45) return null;
  return BY_LABEL.get(text.toLowerCase().replace(/\s*[::]$/, "").trim()) ?? null;
}
