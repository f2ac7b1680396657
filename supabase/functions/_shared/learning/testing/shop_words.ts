/** How the shops of a country write. */
export interface Country {
  language: string;
  labels: Readonly<
    Record<
      "title" | "author" | "publisher" | "isbn" | "date" | "price" | "pages" | "series",
      string
    >
  >;
  related: string;
  was: string;
  money(amount: number): string;
  day(iso: string): string;
}

function grouped(amount: number, group: string, mark: string): string {
  const [whole = "", cents = "00"] = amount.toFixed(2).split(".");
  return `${whole.replace(/\B(?=(?:\d{3})+$)/g, group)}${mark}${cents}`;
}
const written = (locale: string, iso: string, month: "long" | "short" | "2-digit" = "long") =>
  new Intl.DateTimeFormat(locale, {
    day: month === "2-digit" ? "2-digit" : "numeric",
    month,
    year: "numeric",
    timeZone: "UTC",
  })
    .format(new Date(iso));

export const COUNTRIES: readonly Country[] = [
  {
    language: "en",
    labels: {
      title: "Title",
      author: "Author",
      publisher: "Publisher",
      isbn: "ISBN-13",
      date: "Publication date",
      price: "Our price",
      pages: "Print length",
      series: "Series",
    },
    related: "Customers also bought",
    was: "List price",
    money: (amount) => `$${grouped(amount, ",", ".")}`,
    day: (iso) => written("en-US", iso),
  },
  {
    language: "en-GB",
    labels: {
      title: "Name",
      author: "By",
      publisher: "Imprint",
      isbn: "ISBN",
      date: "Published",
      price: "Price",
      pages: "Pages",
      series: "Part of",
    },
    related: "You may also like",
    was: "RRP",
    money: (amount) => `£${grouped(amount, ",", ".")}`,
    day: (iso) => written("en-GB", iso, "short"),
  },
  {
    language: "de",
    labels: {
      title: "Titel",
      author: "Autor",
      publisher: "Verlag",
      isbn: "ISBN",
      date: "Erscheinungsdatum",
      price: "Preis",
      pages: "Seitenzahl",
      series: "Reihe",
    },
    related: "Ähnliche Artikel",
    was: "Statt",
    money: (amount) => `${grouped(amount, ".", ",")} €`,
    day: (iso) => written("de", iso, "2-digit"),
  },
  {
    language: "fr",
    labels: {
      title: "Titre",
      author: "Auteur",
      publisher: "Éditeur",
      isbn: "EAN",
      date: "Date de parution",
      price: "Prix",
      pages: "Nombre de pages",
      series: "Collection",
    },
    related: "Dans le même rayon",
    was: "Prix conseillé",
    money: (amount) => `${grouped(amount, "\u202f", ",")} €`,
    day: (iso) => written("fr", iso),
  },
  {
    language: "es",
    labels: {
      title: "Título",
      author: "Autor/a",
      publisher: "Editorial",
      isbn: "ISBN",
      date: "Fecha de publicación",
      price: "Precio",
      pages: "Páginas",
      series: "Colección",
    },
    related: "Otros clientes compraron",
    was: "Antes",
    money: (amount) => `${grouped(amount, ".", ",")}€`,
    day: (iso) => written("es", iso),
  },
  {
    language: "de-CH",
    labels: {
      title: "Titel",
      author: "Von",
      publisher: "Verlag",
      isbn: "ISBN/EAN",
      date: "Erschienen am",
      price: "Unser Preis",
      pages: "Umfang",
      series: "Serie",
    },
    related: "Das könnte Ihnen gefallen",
    was: "Bisher",
    money: (amount) => `CHF ${grouped(amount, "’", ".")}`,
    day: (iso) => iso.split("-").reverse().join("."),
  },
  {
    language: "sv",
    labels: {
      title: "Titel",
      author: "Författare",
      publisher: "Förlag",
      isbn: "ISBN",
      date: "Utgivningsdatum",
      price: "Pris",
      pages: "Antal sidor",
      series: "Serie",
    },
    related: "Andra köpte även",
    was: "Ord. pris",
    money: (amount) => `${grouped(amount, " ", ",")} kr`,
    day: (iso) => iso,
  },
];
