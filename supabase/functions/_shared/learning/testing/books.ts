import type { Chance } from "./chance.ts";

/** A made-up book. `pages` and `series` are what not every book has. */
export interface Book {
  title: string;
  author: string;
  publisher: string;
  isbn: string;
  /** ISO 8601. */
  date: string;
  price: number;
  pages: number | null;
  series: string | null;
}

const FIRST =
  "Anna Boris Chloé Dieter Elena Farid Grace Hiroshi Inés Jan Kofi Lucía Mary-Ann Noah Olga Pavel Quentin Rosa Siân Tomás Ursula Vikram Wei Xenia Yusuf Zoë"
    .split(" ");
const LAST =
  "Adler O’Brien Castillo Dvořák Eriksen Fontaine Grünwald Haddad Ivanov Jensen Kowalski Lindqvist Müller Nakamura Oliveira Petit Quist Rossi Schäfer Thompson Usman Vargas Weiss Ximenes Yilmaz Zhang"
    .split(" ");
const NOUN =
  "River Garden Clock Winter House Letter Island Mirror Train Forest City Lantern Harbour Orchard Violin Desert Bridge Shadow Compass Market Sky Ghost Sea Stone Kitchen Alphabet"
    .split(" ");
const ADJECTIVE =
  "Quiet Last Hidden Golden Broken Northern Second Little Borrowed Crimson Endless Paper Lost Silent Blue Forgotten Salt Burning Hollow Glass"
    .split(" ");
const SHAPE: readonly ((a: string, n: string, m: string) => string)[] = [
  (a, n) => `The ${a} ${n}`,
  (a, n, m) => `${a} ${n} & the ${m}`,
  (_, n, m) => `${n} by the ${m}`,
  (a, n, m) => `A ${n} for ${m}: ${a} Stories`,
  (_, n, m) => `${n}’s ${m}`,
  (a, n) => `${a} ${n} (2nd ed.)`,
  (_, n) => `1,001 ${n}s`,
];
const PUBLISHERS = [
  "Ashgrove Press",
  "Éditions du Pont",
  "Nordlicht Verlag",
  "Harbour & Sons",
  "Casa Azul",
  "Tin Roof Books",
  "Meridian",
  "Owl Street",
  "Blauwe Reiger",
  "Third Shelf",
];
const SERIES = ["Night Shift", "Lighthouse Mysteries", "The Atlas", "Small Histories", "Blue Hour"];

/** A book; its ISBN-13 has a right check digit. */
export function makeBook(chance: Chance): Book {
  const [noun, other] = chance.shuffled(NOUN);
  const digits = `978${String(chance.below(1e9)).padStart(9, "0")}`;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 3 : 1), 0);
  const day = new Date(Date.UTC(1990 + chance.below(35), chance.below(12), 1 + chance.below(28)));
  return {
    title: chance.of(SHAPE)(chance.of(ADJECTIVE), noun ?? "", other ?? ""),
    author: `${chance.of(FIRST)} ${chance.is(0.2) ? "J. " : ""}${chance.of(LAST)}`,
    publisher: chance.of(PUBLISHERS),
    isbn: digits + (10 - (sum % 10)) % 10,
    date: day.toISOString().slice(0, 10),
    price: Math.round((3 + chance.next() * (chance.is(0.1) ? 2_500 : 60)) * 100) / 100,
    pages: 80 + chance.below(900),
    series: chance.of(SERIES),
  };
}
