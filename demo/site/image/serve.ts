import { encodeJpeg } from "./jpeg.ts";
import { drawCar } from "./picture.ts";
import { encodePng } from "./png.ts";

interface ImageBytes {
  bytes: Uint8Array<ArrayBuffer>;
  type: "image/jpeg" | "image/png";
}

const wantsThumbnail = (query: URLSearchParams): boolean => {
  const width = Number(query.get("w") ?? query.get("resize")?.split(",")[0] ?? Infinity);
  return width < 300;
};

/**
 * The image at an address: a car in its paint. `name` decides the picture (equal names give equal
 * bytes), the path's ending the format, `w=` or `resize=` under 300 a smaller size.
 */
export function imageBytes(
  path: string,
  query: URLSearchParams,
  name: string,
  paint: readonly [number, number, number],
): ImageBytes {
  const picture = wantsThumbnail(query) ? drawCar(paint, name, 19, 13) : drawCar(paint, name);
  return /\.png$/i.test(path)
    ? { bytes: encodePng(picture, 8), type: "image/png" }
    : { bytes: encodeJpeg(picture), type: "image/jpeg" };
}
