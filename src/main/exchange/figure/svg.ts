type Attributes = Record<string, string | number | undefined>;

/** Two decimals of a point (1/7200 inch) are finer than any printer; fixed so that the same figure has the same bytes. */
export const round = (value: number): number => Math.round(value * 100) / 100 + 0;

/** An element with its children as text already escaped. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeXml(value!)}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

/** Text for an element or attribute; characters XML 1.0 cannot hold are left out. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot hold them
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
  );
}

export type Point = readonly [number, number];

/** `M x y L …`, closed when asked. */
export function polylinePath(points: readonly Point[], closed = false): string {
  const text = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return closed ? `${text}Z` : text;
}
