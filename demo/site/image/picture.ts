import { hash32 } from "../random.ts";

/** A small picture: `rgb` holds three bytes a pixel, row by row. */
export interface Picture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

// A car from the side, one letter a block: p paint, g glass, t tyre, h hub, l lamp, . nothing.
const CAR = [
  "..............ppppppppp.............",
  "............ppgggpggggpp............",
  "..........ppggggpgggggggp...........",
  "....ppppppppppppppppppppppppppp.....",
  "..ppppppppppppppppppppppppppppppp...",
  ".lpppppppppppppppppppppppppppppppp..",
  ".pppppttttppppppppppppppttttpppppp..",
  ".ppppttttttpppppppppppttttttpppppp..",
  ".....tthhtt...........tthhtt........",
  ".....tthhtt...........tthhtt........",
  "......tttt.............tttt.........",
];

/**
 * A car in its paint on a ground and a sky that `name` decides, `columns` by `rows` blocks of one
 * colour. Different names give different pictures: 64 bits of the name stand in the blocks.
 */
export function drawCar(
  paint: readonly [number, number, number],
  name: string,
  columns = 40,
  rows = 27,
): Picture {
  const variant = hash32(name);
  const marks = [variant, hash32(`${name} again`)];
  const rgb = new Uint8Array(columns * rows * 3);
  const horizon = Math.floor(rows * 0.62);
  const shift = variant % Math.max(1, columns - 36);
  const top = Math.max(0, horizon - 7);
  const sky = [150 + (variant * 37) % 80, 170 + (variant * 17) % 60, 190 + (variant * 11) % 60];
  const ground = [90 + (variant * 29) % 60, 92 + (variant * 23) % 50, 84 + (variant * 31) % 50];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const letter = CAR[y - top]?.[x - shift] ?? ".";
      const colour = letter === "p"
        ? paint
        : letter === "g"
        ? [64, 84, 96]
        : letter === "t"
        ? [20, 20, 22]
        : letter === "h"
        ? [160, 162, 166]
        : letter === "l"
        ? [250, 240, 190]
        : y < horizon
        ? sky
        : ground;
      const at = (y * columns + x) * 3;
      const mark = ((marks[y % 2] ?? 0) >>> ((x + y) % 32)) & 1;
      for (let c = 0; c < 3; c++) rgb[at + c] = Math.min(255, (colour[c] ?? 0) ^ (mark << 3));
    }
  }
  return { width: columns, height: rows, rgb };
}
