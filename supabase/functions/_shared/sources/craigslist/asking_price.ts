interface AskingPrice {
  amount: number;
  from: "field" | "text";
  /** `agreed`: the text says the same; `disputed`: it asks another sum. */
  trust: "agreed" | "stated" | "doubtful" | "disputed";
  evidence: string;
}

interface Sum {
  amount: number;
  /** Asked for the vehicle in so many words: "asking 7100", "19,500 obo"; or in the title. */
  asked: boolean;
  text: string;
}

const SUM =
  /(\basking(?: price)?(?: is| of)?|\bprice[ds]?(?: is| at| reduced to)?(?: only)?|\breduced?d?e?(?: price)? to|\bfor only|\bfirm at|\byours for(?: just)?|\b(?<!are |is |usually )sell(?:ing)?(?: it)? for|\bwants?)?\s?[:\s-]{0,3}(\$)?\s?(?<![\d.,\/#-])(\d{1,3}(?:,\d{3})+|\d{3,6}|\d{1,3}(?:\.\d)?(?=\s?[kK]\b))(\s?[kK]\b)?(?:\.00)?(?![\d\/-]|[,.]\d)(\s?\$)?(?=(\s?(?:\(?(?:obo|o\.b\.o|or best|firm|cash|negotiable|or b[eo]|asking)\b))?)/gi;
/** Sums that are worth, cost, saved, owed or paid in parts. */
const OTHER_BEFORE =
  /\b(?:kbb|nada|blue ?book|book|worth|valued?|appraised|msrp|sticker|new|paid|spent|invested?|cost|costs|over|under|down(?: payment)?|deposit|month(?:ly)?|payments?|warranty|deductible|fee|tax|save|retails?|list(?:ed|s)?|carfax|offered|offers?|below|trade|was|originally|owe[ds]?|loan|up to|into it|parts|repairs?|install)\s*(?:of|is|at|for|in|about|around|over|than|:|-|only|value|price)*\s*(?:is|of|at)?\s*\$?\s*$/i;
const OTHER_AFTER =
  /^\s*(?:\+|down\b|dn\b|deposit|a month|per|monthly|\/|mo\b|in (?:parts|work|repairs|upgrades|receipts)|worth|value|invested|deductible|off\b|miles?\b|mi\b|lbs?\b|cc\b|hp\b|rpm\b|cfm\b|k?m\b|watts?|rear|series|truck|pounds|psi|original|each\b|less)/i;
const SAMPLE = 6_000;

/**
 * The price a seller asks. The field's, unless it is bait ($1, $1,234) or a down payment; then what
 * the text asks in so many words. `null` when neither states one.
 */
export function readAskingPrice(
  field: number | null,
  title: string,
  description: string,
): AskingPrice | null {
  const text = `${title}\n${description}`;
  const sample = text.slice(0, SAMPLE);
  const sums = sumsIn(sample, title.length);
  const rival = sums.find(({ asked }) => asked);
  const token = field !== null && rival !== undefined && field < 2_000 && rival.amount >= field * 5;
  if (field === null || isBait(field) || token || isDownPayment(field, sample)) {
    const sum = rival ?? onlyOne(sums);
    if (sum === undefined || sum.amount < 200 || isBait(sum.amount)) return null;
    const hinted = field !== null && field > 1 && String(sum.amount).startsWith(String(field));
    return {
      amount: sum.amount,
      from: "text",
      trust: sum.asked || hinted ? "stated" : "doubtful",
      evidence: `"${sum.text}"${field === null ? "" : `, not price "$${field}"`}`,
    };
  }
  const evidence = `price "$${field}"`;
  if (sums.some(({ amount }) => amount === field)) {
    return {
      amount: field,
      from: "field",
      trust: "agreed",
      evidence: `${evidence}, also in the text`,
    };
  }
  if (rival !== undefined) {
    return {
      amount: field,
      from: "field",
      trust: "disputed",
      evidence: `${evidence}; but "${rival.text}"`,
    };
  }
  return {
    amount: field,
    from: "field",
    trust: field < 300 || /^(\d)\1{3,}$/.test(String(field)) ? "doubtful" : "stated",
    evidence,
  };
}

/** A sum typed to be found or to fill the field: $1, $1,111, $1,234, $99,999; $9,999 is meant. */
function isBait(amount: number): boolean {
  return amount < 100 ||
    /^(?:1{3,}|9{5,}|123(?:4(?:5(?:6(?:7(?:89?)?)?)?)?)?)$/.test(String(amount));
}

function onlyOne(sums: readonly Sum[]): Sum | undefined {
  const amounts = new Set(sums.map(({ amount }) => amount));
  return amounts.size === 1 ? sums[0] : undefined;
}

function sumsIn(text: string, heading: number): Sum[] {
  const sums: Sum[] = [];
  for (const match of text.matchAll(SUM)) {
    const [whole, word, sign, figure, thousand, signAfter, behind] = match;
    const amount = Number((figure ?? "").replaceAll(",", "")) *
      (thousand === undefined ? 1 : 1_000);
    const marked = (sign ?? signAfter) !== undefined;
    const asked = word !== undefined || behind !== undefined ||
      (marked && match.index < heading);
    if (!marked && !asked) continue;
    if (!marked && amount >= 1_900 && amount <= 2_035 && behind === undefined) continue;
    if (amount < 100 || amount > 10_000_000) continue;
    const before = text.slice(Math.max(0, match.index - 40), match.index + (word ?? "").length);
    const after = text.slice(match.index + whole.length, match.index + whole.length + 20);
    if (word === undefined && OTHER_BEFORE.test(before.split(/\n|[.|!](?=\s|$)/).at(-1) ?? "")) {
      continue;
    }
    if (OTHER_AFTER.test(after)) continue;
    sums.push({
      amount: Math.round(amount),
      asked,
      text: whole.replace(/\s+/g, " ").trim().slice(0, 40),
    });
    if (sums.length >= 30) break;
  }
  return sums;
}

/** The sum in the field is what the text wants first: "$1,500 down", "down payment 1500". */
function isDownPayment(field: number, text: string): boolean {
  if (!/\b(?:down|dn)\b/i.test(text)) return false;
  const sum = String(field).replace(/(\d)(\d{3})$/, "$1,?$2");
  return new RegExp(
    `(?<![\\d,])${sum}(?![\\d,])\\s?(?:dollars )?(?:down|dn)\\b|\\bdown(?: ?payments?)?(?: of| from| as low as| only|:|-)?\\s?\\$?${sum}(?![\\d,])`,
    "i",
  ).test(text);
}
