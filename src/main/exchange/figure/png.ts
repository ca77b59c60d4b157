import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Resvg } from '@resvg/resvg-js';

/** The fonts come with the program, so that a figure looks the same on every machine. */
const fontFiles = (): string[] => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('pretendard/package.json')), 'dist/public/static');
  return ['Regular', 'SemiBold'].map((weight) => join(folder, `Pretendard-${weight}.otf`));
};

/** Rasterizes a figure at its size in millimetres; the resolution is written into the file (pHYs). */
export function svgToPng(svg: string, { dpi }: { dpi: number }): Uint8Array {
  const image = new Resvg(svg, {
    dpi,
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: 'Pretendard' },
    textRendering: 2,
    shapeRendering: 2,
  }).render();
  return withResolution(image.asPng(), dpi);
}

/** Inserts a pHYs chunk (PNG 1.2, 11.3.5.3: pixels per metre) after IHDR, which is always 33 bytes in. */
function withResolution(png: Uint8Array, dpi: number): Uint8Array {
  const headerEnd = 33;
  const perMetre = Math.round(dpi / 0.0254);
  const chunk = Buffer.alloc(21);
  chunk.writeUInt32BE(9, 0);
  chunk.write('pHYs', 4, 'latin1');
  chunk.writeUInt32BE(perMetre, 8);
  chunk.writeUInt32BE(perMetre, 12);
  chunk.writeUInt8(1, 16);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 17)), 17);
  return Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)]);
}
