/** The fonts of a figure: the one rasterized with first, then what readers of the SVG are likely to have. */
export const fontFamily = "Pretendard, Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif";

/** Sizes in points. Journals ask for 6 at least. */
export const fontSizes = { title: 9, label: 8, tick: 7, contour: 6 } as const;

/** Advance widths of Pretendard Regular in thousandths of an em, where they are far from the default. */
const widths: Record<string, number> = {};
const classes: [number, string][] = [
  [235, "Iijl.,:;'|! "],
  [345, 'frt()[]/⁰¹²³⁴⁵⁶⁷⁸⁹'],
  [430, '1-⁻'],
  [630, '346890−+×=≤≥PRSTXYKZ'],
  [710, 'ACDGHNOQUV'],
  [860, 'mMWw%'],
];
for (const [width, characters] of classes) for (const character of characters) widths[character] = width;
const defaultWidth = 575;
/** Hangul and other wide scripts. */
const wideWidth = 900;

/** Width of a line of text in points, a few percent on the generous side. */
export function textWidth(text: string, size: number): number {
  let thousandths = 0;
  for (const character of text) {
    thousandths += widths[character] ?? (character.charCodeAt(0) >= 0x1100 ? wideWidth : defaultWidth);
  }
  return (1.03 * size * thousandths) / 1_000;
}

/** Semibold letters are wider than regular ones by about this. */
export const semiboldWidening = 1.05;

/** Lines no wider than `width`, broken at spaces; a single word that is too long is cut with an ellipsis. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer, size) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  if (line !== '') lines.push(line);
  return lines.map((one) => fitText(one, size, width));
}

/** The text, or its beginning with an ellipsis when it is wider than `width`. */
export function fitText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}
