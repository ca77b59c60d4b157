/**
 * Colours of the optimizers: Okabe & Ito (2008), told apart with every common kind of colour blindness. Lightness is
 * moved per theme so that each keeps a contrast of at least 3:1 with its background.
 */
const palettes = {
  dark: ['#f0a63a', '#63bff0', '#2fc79a', '#e886b8', '#f0e35a', '#f0763f', '#5b9bf0', '#d8dbe2'],
  light: ['#b8720a', '#1b7fb8', '#00805c', '#b04a80', '#8c7a00', '#c24e00', '#1f5fbf', '#3b4150'],
} as const;

export type Theme = keyof typeof palettes;

export function optimizerColor(index: number, theme: Theme): string {
  const palette = palettes[theme];
  return palette[index % palette.length] as string;
}
