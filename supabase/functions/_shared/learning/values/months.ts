/** The months' names in the languages of the web's larger shops, in lower case, by month. */
const NAMES: readonly string[] = [
  "january januar janvier enero gennaio januari janeiro leden stycznia styczeń ledna jan janv ene gen jän jänner",
  "february februar février febrero febbraio februari fevereiro únor lutego luty února feb fév févr",
  "march märz mars marzo maart março březen marca marzec března mar mrz mär mrt",
  "april avril abril aprile duben kwietnia kwiecień dubna apr avr abr",
  "may mai mayo maggio maj mei maio květen maja května mag",
  "june juni juin junio giugno junho červen czerwca czerwiec června jun giu",
  "july juli juillet julio luglio julho červenec lipca lipiec července jul juil lug",
  "august août agosto augusti augustus srpen sierpnia sierpień srpna aug ago",
  "september septembre septiembre settembre setembro září września wrzesień sep sept set",
  "october oktober octobre octubre ottobre outubro říjen października październik října oct okt ott out",
  "november novembre noviembre novembro listopad listopada listopadu nov",
  "december dezember décembre diciembre dicembre dezembro prosinec grudnia grudzień prosince dec dez déc dic",
];

const MONTHS = new Map<string, number>();
for (const [month, names] of NAMES.entries()) {
  // Polish and Czech call different months "listopad": the later one here is Polish' own.
  for (const name of names.split(" ")) if (!MONTHS.has(name)) MONTHS.set(name, month + 1);
}

/** The number of a month by its name or its short form, with or without a dot; null when it is none. */
export function monthOf(name: string): number | null {
  return MONTHS.get(name.toLowerCase().replace(/\.$/, "")) ?? null;
}
