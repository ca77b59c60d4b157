/** How much larger than usual (16 px) the type is: everything drawn in pixels by hand follows it. */
export const typeScale = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
