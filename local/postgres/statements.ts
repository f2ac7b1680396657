/** Splitting an SQL file into statements, so that an error names its line. */

interface Statement {
  text: string;
  /** Where its first word stands in the file: line and column, from 1. */
  line: number;
  column: number;
}

/**
 * Splits at semicolons outside quotes, dollar quotes, comments and `begin atomic … end` bodies.
 * Comments before a statement belong to it. What follows the last semicolon is a statement if it has any words.
 */
export function splitStatements(source: string): Statement[] {
  const statements: Statement[] = [];
  let firstWord = -1;
  let atomic = 0;
  const finish = (end: number) => {
    if (firstWord >= 0) {
      const before = source.slice(0, firstWord).split("\n");
      const column = (before.at(-1) ?? "").length + 1;
      statements.push({ text: source.slice(firstWord, end), line: before.length, column });
    }
    firstWord = -1;
    atomic = 0;
  };
  token.lastIndex = 0;
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    const text = match[0];
    if (text.startsWith("--") || text.startsWith("/*")) {
      if (text.startsWith("/*")) token.lastIndex = endOfComment(source, match.index);
      continue;
    }
    if (text === ";" && atomic === 0) {
      finish(match.index);
      continue;
    }
    if (firstWord < 0) firstWord = match.index;
    const tag = /^\$\w*\$$/.test(text);
    if (tag) token.lastIndex = endAfter(source, text, token.lastIndex);
    else if (/^begin\s+atomic$/i.test(text)) atomic = 1;
    else if (atomic > 0 && /^case$/i.test(text)) atomic++;
    else if (atomic > 0 && /^end$/i.test(text)) atomic--;
  }
  finish(source.length);
  return statements;
}

/** Whether a text ends with a whole statement: the next word would begin another one. */
export function isWhole(source: string): boolean {
  const [now, then] = [splitStatements(source), splitStatements(`${source}\nx`)];
  return now.length > 0 && then.length > now.length;
}

/**
 * Comment, quoted text (with `E'…\'…'`), dollar tag, word, semicolon, or any other mark. A quote that is
 * not closed goes on to the end.
 */
const token =
  /--[^\n]*|\/\*|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$(?:[a-zA-Z_]\w*)?\$|\bbegin\s+atomic\b|[\w$]+|;|[^\s]/gi;

function endAfter(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at < 0 ? source.length : at + mark.length;
}

/** Block comments nest. */
function endOfComment(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    if (source.startsWith("/*", at)) depth++, at++;
    else if (source.startsWith("*/", at)) {
      depth--, at++;
      if (depth === 0) return at + 1;
    }
  }
  return source.length;
}
