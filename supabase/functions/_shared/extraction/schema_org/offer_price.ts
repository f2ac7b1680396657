import { type JsonLdNode, nodeList, nodeText } from "../../html/json_ld.ts";
import { isObject, type Json } from "../../html/json_region.ts";
import { type Money, priceOf } from "../../vehicle/money.ts";
import { isRateBefore, type SumKind, sumLabelled } from "../../vehicle/price_words.ts";
import { DOUBT } from "../confidence.ts";

/** The sum that an offer asks for, paid once and in full. */
interface OfferedPrice {
  money: Money;
  /** Code or sign that stands beside it; `null` where none does. */
  currency: string | null;
  /** Factor below 1 where the offer leaves open whether it is the price. */
  doubt: number;
}

interface Sum extends OfferedPrice {
  kind: SumKind;
}

const MOST_OFFERS = 20;

/**
 * The price among all sums of a vehicle's offers (`price`, `priceSpecification`, nested offers): one that
 * is called the price before one that is called nothing. Rates, list prices beside another, estimates and
 * the bounds of a range are none; `null` when nothing is left.
 */
export function offeredPrice(offers: readonly JsonLdNode[]): OfferedPrice | null {
  const all = offers.slice(0, MOST_OFFERS)
    .flatMap((offer) => [offer, ...nodeList(offer.offers).filter(isObject).slice(0, MOST_OFFERS)]);
  const sums = all.flatMap(sumsOf);
  const of = (kind: SumKind) => sums.filter((one) => one.kind === kind);
  const choice = [of("asked"), of("plain"), of("list")].find((some) => some.length > 0) ?? [];
  const [first] = choice;
  if (first === undefined) return null;
  // Nothing says which of several sums is meant; a list price alone is what a dealer may not ask.
  const several = choice.some((one) => one.money.amount !== first.money.amount);
  const unsure = several || first.kind === "list";
  return { ...first, doubt: unsure ? DOUBT.unlikely : first.doubt };
}

function sumsOf(offer: JsonLdNode): Sum[] {
  const currency = nodeText(offer.priceCurrency);
  const specified = nodeList(offer.priceSpecification).filter(isObject).slice(0, MOST_OFFERS)
    .flatMap((one) => {
      const sum = sumIn(one.price, one, kindOf(one), nodeText(one.priceCurrency) ?? currency);
      const [low, high] = [one.minPrice, one.maxPrice];
      return sum ??
        (low !== undefined && low === high ? sumIn(low, one, kindOf(one), currency) : null) ??
        [];
    });
  const kind = kindOf(offer);
  const own = sumIn(offer.price, offer, kind, currency);
  const { low, high } = rangeOf(offer);
  // The bounds of a range, given again as the price, are what somebody expects.
  if (low !== null && high !== null && low !== high) {
    return own === null || own.money.amount === high || own.money.amount < low
      ? specified
      : [{ ...own, doubt: DOUBT.unlikely }, ...specified];
  }
  if (own !== null) return [own, ...specified];
  const bound = low === null ? null : sumIn(low, offer, kind, currency);
  if (bound === null || nodeList(offer.offers).some(isObject)) return specified;
  return [{ ...bound, doubt: high === null ? DOUBT.unlikely : 1 }, ...specified];
}

function rangeOf(offer: JsonLdNode): { low: number | null; high: number | null } {
  const amount = (value: Json | undefined) => moneyOf(value)?.amount ?? null;
  return { low: amount(offer.lowPrice), high: amount(offer.highPrice) };
}

/** "From $23,000", "ab 12.500 €": the least of several. */
const FROM = /^\s*(?:from|starting|ab|à partir|dès|vanaf|desde|a partire|od|från)\b/i;

function sumIn(
  value: Json | undefined,
  node: JsonLdNode,
  kind: SumKind,
  currency: string | null,
): Sum | null {
  const money = moneyOf(value);
  if (money === null) return null;
  const text = nodeText(value) ?? "";
  const behind = text.replace(/^.*\d/, "");
  const ownKind = isRateBefore(behind) || sumLabelled(text.split(/\d/)[0] ?? "") === "rate";
  const doubt = FROM.test(text) || isUnsure(node) ? DOUBT.unlikely : 1;
  return { money, currency: currency ?? money.currency, doubt, kind: ownKind ? "rate" : kind };
}

function moneyOf(value: Json | undefined): Money | null {
  const text = nodeText(value);
  const money = text === null ? null : priceOf(text);
  return money === null || money.amount <= 0 ? null : money;
}

/** The offer of a part, a service or a financing, told by its name alone. */
function isUnsure(node: JsonLdNode): boolean {
  return /\b(?:trade-?in|buy ?back|insurance|warranty|subscription)\b/i.test(
    nodeText(node.name) ?? "",
  );
}

/** UN/CEFACT codes of times, as `unitCode` states them: month, week, day, year, hour. */
const TIME_CODES = new Set(["MON", "WEE", "DAY", "ANN", "HUR"]);
const RATE_TYPES =
  /OfferForLease|LoanOrCredit|MonthlyPayment|PaymentChargeSpecification|LeaseOut|RepaymentSpecification/i;
const LIST_TYPES = /(?:^|[/#:])(?:ListPrice|M?SRP|StrikethroughPrice|InvoicePrice|RRP|UVP)$/i;
/** schema.org/PriceTypeEnumeration; `RegularPrice` is a former price only beside a sale price. */
const SALE_TYPES = /(?:^|[/#:])(?:SalePrice|InternetPrice|SellingPrice|FinalPrice|CashPrice)$/i;

/** What the sum of an offer or a price's specification is by its types, its units and its name. */
function kindOf(node: JsonLdNode): SumKind {
  const types = [node["@type"], node.priceType, node.businessFunction, node.additionalType]
    .flatMap((value) => nodeList(value)).flatMap((one) => typeof one === "string" ? [one] : []);
  const quantity = isObject(node.referenceQuantity) ? node.referenceQuantity : {};
  const codes = [node.unitCode, quantity.unitCode].map((code) =>
    nodeText(code)?.toUpperCase() ?? ""
  );
  const units = [node.unitText, quantity.unitText].map((unit) => nodeText(unit) ?? "");
  const timed = codes.some((code) => TIME_CODES.has(code)) ||
    units.some((unit) => isRateBefore(`/${unit}`) || isRateBefore(unit)) ||
    node.billingDuration !== undefined || node.billingIncrement !== undefined;
  if (timed || types.some((type) => RATE_TYPES.test(type))) return "rate";
  if (types.some((type) => LIST_TYPES.test(type))) return "list";
  if (types.some((type) => SALE_TYPES.test(type))) return "asked";
  const label = [nodeText(node.priceType), nodeText(node.name)]
    .flatMap((text) =>
      text === null || text.length > 60 || /\d{4}/.test(text)
        ? []
        : [text.replace(/([a-z])([A-Z])/g, "$1 $2")]
    );
  return label.map(sumLabelled).find((kind) => kind !== "plain") ?? "plain";
}
