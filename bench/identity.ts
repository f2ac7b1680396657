/** Who is the same car: a made population, of which only the generator knows the truth. */
import type { Bench, Figure, Row } from "./figure.ts";
import { runPopulation } from "./population_run.ts";

const SEED = 13;

export const identity: Figure = {
  name: "identity",
  about: "20,000 cars on 45,000 listings: what is joined, and taken back (an hour on two cores)",
  onlyWhenNamed: true,
  async run(bench: Bench): Promise<Row[]> {
    const [cars, listings] = bench.quick ? [2_000, 4_500] : [20_000, 45_000];
    const seed = bench.seed === undefined ? SEED : Number(bench.seed);
    const { verdict, joining, apart, undone, different } = await runPopulation(
      cars,
      listings,
      seed,
      bench.say,
    );
    for (const urls of verdict.wrong) bench.say(`two cars in one: ${urls.join(", ")}`);
    for (const { url, held, expected } of different) {
      bench.say(`differs: ${url}\n  is  ${held}\n  was ${expected}`);
    }
    const sum = undone.reduce((total, ms) => total + ms, 0);
    const count = (what: string, value: number, must?: number, note?: string): Row => ({
      ...{ what, value, unit: "", better: "less", baseline: null },
      ...must === undefined ? {} : { must },
      ...note === undefined ? {} : { note },
    });
    return [
      count(
        "joins that are wrong",
        verdict.wrong.length,
        0,
        "Vehicles that are two cars of the truth.",
      ),
      {
        ...{
          what: "joins that the rule proves, made",
          value: 100 * verdict.provableJoined / verdict.provable,
        },
        ...{ unit: "", better: "more", baseline: null, aim: "at least 98 %" },
        note: `${verdict.provableJoined} of ${verdict.provable}; ${verdict.joins} joins in all.`,
      },
      count(
        "vehicles that differ from a run without joins, after each was taken back",
        different.length,
        0,
      ),
      {
        ...{
          what: "listings imported, joining",
          value: listings / joining.seconds,
          unit: "per s",
          better: "more",
        },
        baseline: { name: "the same, joining nothing", value: listings / apart.seconds },
      },
      {
        ...{
          what: "a join, on top of its import, mean",
          unit: "ms",
          better: "less",
          baseline: null,
        },
        value: 1000 * (joining.seconds - apart.seconds) / joining.joined,
      },
      {
        ...{ what: "a join taken back, mean", unit: "ms", better: "less", baseline: null },
        value: sum / undone.length,
      },
    ];
  },
};
