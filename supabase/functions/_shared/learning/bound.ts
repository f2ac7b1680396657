/** How sure the bound is: 95 %, on one side. */
const RISK = 0.05;

/**
 * The lower 95 % bound of a precision, exact for the binomial distribution (Clopper and Pearson 1934):
 * what a rule with so many errors in n trials is at least worth.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(lowerBound(14, 0).toFixed(2), "0.81");
 * assert.equal(lowerBound(29, 0).toFixed(2), "0.90");
 * assert.equal(lowerBound(59, 0).toFixed(2), "0.95");
 * assert.equal(lowerBound(0, 0), 0);
 * ```
 */
export function lowerBound(n: number, errors: number): number {
  if (n <= 0 || errors >= n) return 0;
  let [low, high] = [0, 1];
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(errors, n, 1 - middle) > RISK) high = middle;
    else low = middle;
  }
  return low;
}

/** The chance of at most so many errors in n trials, when each goes wrong with this chance. */
function chanceOfAtMost(errors: number, n: number, chance: number): number {
  if (chance <= 0) return 1;
  if (chance >= 1) return 0;
  let term = n * Math.log1p(-chance);
  let sum = Math.exp(term);
  for (let count = 1; count <= errors; count++) {
    term += Math.log((n - count + 1) / count) + Math.log(chance) - Math.log1p(-chance);
    sum += Math.exp(term);
  }
  return sum;
}
