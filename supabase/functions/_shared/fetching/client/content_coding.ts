import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

/** What is offered as `accept-encoding`. */
export const ACCEPT_ENCODING = "gzip, br";

/** A header can name any number of them; none is sent with more than one. */
const MOST_CODINGS = 2;

type Decoder = ReturnType<typeof createGunzip>;

const decoders: Record<string, () => Decoder> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * A body without the codings that its `Content-Encoding` names. It is unpacked as it is read, in pieces
 * of 16 KB, so that one who stops reading has unpacked little more than he read.
 * @throws Error when a coding is not one of those that were offered.
 */
export function decoded(
  body: ReadableStream<Uint8Array>,
  contentEncoding: string | null,
): ReadableStream<Uint8Array> {
  const codings = (contentEncoding ?? "").toLowerCase().split(",").map((one) => one.trim())
    .filter((one) => one !== "" && one !== "identity");
  if (codings.length > MOST_CODINGS) throw new Error("more content-codings than are decoded");
  return codings.reduceRight((stream, coding) => {
    const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (decoder === undefined) throw new Error(`the content-coding ${coding} was not asked for`);
    return unpacked(stream, decoder(), coding);
  }, body);
}

function unpacked(
  packed: ReadableStream<Uint8Array>,
  decoder: Decoder,
  coding: string,
): ReadableStream<Uint8Array> {
  const reader = packed.getReader();
  const output: AsyncIterator<Uint8Array> = decoder[Symbol.asyncIterator]();
  let broken: { error: unknown } | null = null;
  const feed = async () => {
    try {
      while (!decoder.destroyed) {
        const { done, value } = await reader.read();
        if (done) return void decoder.end();
        if (!decoder.write(value)) await drained(decoder);
      }
    } catch (error) {
      broken = { error };
      decoder.destroy();
    }
  };
  let fed: Promise<void> | undefined;
  return new ReadableStream({
    async pull(stream) {
      fed ??= feed();
      try {
        const { done, value } = await output.next();
        if (broken !== null) throw broken.error;
        if (done) stream.close();
        else stream.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      } catch (error) {
        if (broken !== null) throw broken.error;
        await reader.cancel(error);
        throw new Error(`the body is not in its content-coding, ${coding}`, { cause: error });
      }
    },
    async cancel(reason) {
      decoder.destroy();
      await reader.cancel(reason);
      await fed;
    },
  });
}

/** Waits until a decoder takes more, or is gone. */
function drained(decoder: Decoder): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ["drain", "close", "error"]) decoder.off(event, done);
      resolve();
    };
    for (const event of ["drain", "close", "error"]) decoder.on(event, done);
  });
}
