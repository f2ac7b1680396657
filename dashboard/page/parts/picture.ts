/// <reference lib="dom" />
import { html } from "htm/preact";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { pictureAddress } from "../api/files.ts";
import type { Image } from "../api/vehicle_shapes.ts";
import { part } from "./part.ts";

function Picture({ image, title }: { image: Image; title: string }): VNode {
  const [address, setAddress] = useState<string | null | "asking">("asking");
  useEffect(() => {
    let made: string | null = null;
    let here = true;
    void pictureAddress(image.bucket ?? "", image.path ?? "").then((found) => {
      made = found;
      if (here) setAddress(found);
      else if (found !== null) URL.revokeObjectURL(found);
    });
    return () => {
      here = false;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [image.path]);
  if (address === "asking") return html`<span class="picture bone"></span>`;
  return address === null
    ? html`<span class="picture picture-none">not in Storage</span>`
    : html`<img class="picture" src=${address} alt=${title} loading="lazy" />`;
}

/** A stored picture; the file is asked for with the operator's own right. */
export function picture(image: Image, title: string): VNode {
  return part(Picture, { image, title, key: image.id });
}
