/**
 * The words with which pages of auctions name a bid, in English, German, French, Dutch, Italian, Spanish,
 * Polish and Swedish. Each stands alone as a label or on a button: in a sentence they may tell of another sale.
 */

/** A label behind which the sum of a bid stands. */
export const BID_LABEL = label(
  "(?:current|highest|high|winning|leading|top|latest|last|starting|opening|minimum|next)(?: high(?:est)?)? bid(?: amount)?",
  "bid to|sold by auction|hammer price|reserve price",
  "aktuelles (?:höchst)?gebot|höchst(?:es )?gebot|letztes gebot|start ?gebot|mindestgebot|nächstes gebot|ausrufpreis|zuschlagspreis|hammerpreis",
  "(?:dernière |meilleure )?enchère(?: (?:actuelle|en cours|minimum|minimale|gagnante|la plus haute))?|offre (?:actuelle|la plus haute)|mise à prix|prix d['’]adjudication|prix marteau",
  "(?:huidige?|hoogste|laatste|winnende?|start|openings|minimum) ?bod|hamerprijs",
  "offerta (?:attuale|corrente|più alta|minima|vincente)|puntata (?:attuale|corrente)|base d['’]asta|prezzo (?:di partenza|base d['’]asta|di aggiudicazione)",
  "puja (?:actual|más alta|mínima|inicial|ganadora)|oferta (?:actual|más alta|ganadora)|precio de (?:salida|martillo|remate)",
  "aktualna (?:oferta|licytacja|stawka)|najwyższa oferta|cena wywoławcza",
  "(?:högsta|aktuellt|nuvarande|ledande|senaste|vinnande) bud|startbud|klubbat pris|utropspris",
);

/** What a button says with which a visitor bids. */
export const BID_ACTION = label(
  "(?:place|make|submit)(?: an?| your)?(?: max(?:imum)?)? bid|bid(?: now)?|quick bid|register to bid",
  "(?:jetzt |mit)?bieten|gebot (?:abgeben|platzieren)|zur auktion",
  "(?:sur)?enchérir|(?:faire|placer|déposer) une enchère",
  "(?:nu )?bieden|bied(?: nu| mee)?|plaats (?:een |uw |je )?bod|bod plaatsen",
  "rilancia|punta ora|fai (?:una )?puntata|partecipa all['’]asta",
  "pujar(?: ahora)?|(?:hacer|realizar) (?:una )?puja",
  "(?:za)?licytuj(?: teraz)?|przebij",
  "(?:lägg|lägga)(?: ett)? bud|buda(?: nu)?",
);

const AUCTION_SIGNS = {
  reserve: label(
    "no reserve|reserve (?:has )?(?:not )?(?:been |yet )?met|without reserve",
    "ohne (?:limit|mindestpreis|reserve)|(?:mindestpreis|limit) (?:noch )?(?:nicht )?erreicht",
    "sans (?:prix de )?réserve|(?:prix de )?réserve (?:non |pas )?atteinte?",
    "zonder (?:minimumprijs|reserve|limiet)|(?:minimumprijs|limiet|reserve(?:prijs)?) (?:nog )?(?:niet )?(?:bereikt|gehaald)",
    "senza (?:prezzo di )?riserva|(?:prezzo di )?riserva (?:non )?raggiunt[ao]",
    "sin (?:precio de )?reserva|(?:precio de )?reserva (?:no )?alcanzad[ao]",
    "bez ceny minimalnej|cena minimalna (?:nie )?(?:została )?osiągnięta",
    "utan reservationspris|reservationspris(?:et)? (?:ej |inte |är |har )?(?:ej |inte )?(?:uppnått|uppnåtts)",
  ),
  end: label(
    "(?:auction|bidding) (?:ends?|closes?|closed|ended|starts?)(?: (?:in|on|at))?|ends in|time (?:left|remaining)",
    "auktion endet(?: in| am)?|auktionsende|restzeit|verbleibende zeit",
    "fin (?:de l['’]enchère|des enchères|de la vente)|(?:la vente )?se termine(?: dans| le)?|temps restant",
    "(?:veiling|kavel) (?:sluit|eindigt)(?: op| over)?|resterende tijd|nog te gaan",
    "(?:l['’])?asta termina(?: il| tra)?|fine asta|scade tra|tempo (?:rimanente|rimasto)",
    "(?:la )?subasta termina(?: en| el)?|fin de la subasta|tiempo restante",
    "koniec (?:aukcji|licytacji)|do końca(?: aukcji)?|pozostały czas",
    "auktionen (?:avslutas|slutar)|slutar|återstående tid|tid kvar",
  ),
  count: label(
    "(?:number of )?bids|anzahl (?:der )?gebote|nombre d['’]enchères|aantal biedingen|numero (?:di )?offerte",
    "número de pujas|liczba (?:ofert|licytacji)|antal bud|bid history|bietverlauf|gebotsverlauf",
    "historique des enchères|biedgeschiedenis|storico offerte|historial de pujas|historia licytacji|budhistorik",
  ),
  counted:
    /^\d{1,3}\s(?:bids?|gebote?|enchères?|biedingen|boden|pujas?|bud|licytacj[aie]|przebi\p{L}+|rilanci)$/iu,
  lot: /^(?:lot|los|kavel|lotto|lote|objekt)\s*(?:no\.?|nr\.?|nummer|n°|#)?\s*:?\s*\d{1,5}$/iu,
  price: label(
    "current price|aktueller preis|startpreis|prix (?:actuel|de départ)|startprijs|huidige prijs|prezzo attuale|precio actual|aktualna cena|nuvarande pris",
  ),
  estimate: label(
    "estimates?(?: range)?|(?:low|high|pre-sale) estimate|estimation|estimée?|schätz(?:preis|wert|ung)|richtprijs|geschatte (?:waarde|opbrengst)|stima|estimaci[oó]n|valor estimado|szacowana wartość|estymacja|värdering|uppskattat (?:pris|värde)",
  ),
} as const;

/** Which sign of an auction a label is; `null` for none. One alone may have another cause. */
export function auctionSign(text: string): string | null {
  for (const [sign, form] of Object.entries(AUCTION_SIGNS)) if (form.test(text)) return sign;
  return null;
}

/** A page's title that calls what it offers an auction. */
export const AUCTION_TITLE =
  /(?<!\p{L})(?:auctions?|(?:online)?auktion(?:en)?|(?:zu )?ersteigern|versteigerung|enchères?|veiling|asta|subasta|aukcj\p{L}{1,3}|licytacj\p{L}{1,3})(?!\p{L})/iu;

/** The whole of a short text: the words, and behind a colon or alone a sum, a count or a time that starts with a figure. */
function label(...words: string[]): RegExp {
  return new RegExp(
    `^(?:${
      words.join("|")
    })\\s*[:.]?\\s*(?:(?:\\(?[\\p{Sc}\\d]|(?:USD|EUR|GBP|CHF|SEK|PLN|AUD|CAD|kr)\\s?\\$?\\d).{0,40})?[!.]?$`,
    "iu",
  );
}
