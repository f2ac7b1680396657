/** What the first sentences of a description say in the turns that sellers and sites use. */
interface ProseReading {
  color: string | null;
  interior_color: string | null;
  engine: string | null;
  transmission: string | null;
}

const COLORS =
  /\b(?:is|was|been|and) (?:re)?(?:finished|painted|refinished|repainted)(?: in)? ([A-Z\d][^,.;()]{2,40}?|[a-z][^,.;()]{2,25}?) over (?:a |an )?([^,.;()]{2,40}?)(?= upholstery| interior|,|\.|;| and (?:is|powered|features|has)| with)/;
const ENGINE =
  /\bpowered by (?:a |an |its |the )?([^,.;()]{0,40}?\b\d[^,;()]{1,60}?)(?= (?:paired|mated|linked|coupled|connected|with|that|which|and|driving|fed|sending)\b|,|;|\. )/;
const GEARS =
  /\b(?:paired|mated|linked|coupled|connected)(?: with| to)? (?:a |an |its |the )?([^,.;()]{0,60}?(?:transmission|transaxle|gearbox|cvt))\b/i;
const SAMPLE = 3_000;

/** Reads the first sentences of a description; a field they do not name in these turns is `null`. */
export function readProse(description: string): ProseReading {
  const text = description.slice(0, SAMPLE);
  const colors = COLORS.exec(text);
  return {
    color: colors?.[1]?.trim() ?? null,
    interior_color: colors?.[2]?.trim() ?? null,
    engine: short(ENGINE.exec(text)?.[1]),
    transmission: short(GEARS.exec(text)?.[1]),
  };
}

function short(text: string | undefined): string | null {
  return text === undefined || text.length > 80 ? null : text.trim();
}
