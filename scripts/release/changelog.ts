/** CHANGELOG.md, in the form of https://keepachangelog.com/en/1.1.0/. */

/** Whether a version has its section, with the day of its release: `## [0.1.0] - 2026-11-28`. */
export function isInChangelog(text: string, version: string): boolean {
  const heading = new RegExp(
    `^## \\[${version.replaceAll(".", "\\.")}\\] - \\d{4}-\\d\\d-\\d\\d$`,
    "m",
  );
  return heading.test(text);
}
