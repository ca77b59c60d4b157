const mac = typeof navigator !== 'undefined' && /mac/i.test(navigator.userAgent);

/** "Ctrl+Z", or "⌘Z" on a Mac. `⇧` in `key` stands for Shift. */
export function commandKey(key: string): string {
  if (mac) return `${key.startsWith('⇧') ? '⇧' : ''}⌘${key.replace('⇧', '')}`;
  return `Ctrl+${key.replace('⇧', 'Shift+')}`;
}

const names: Record<string, string> = { ' ': '␣', ArrowLeft: '←', ArrowRight: '→', '-': '−' };

/** A key as printed on a keyboard. */
export function keyName(key: string, options: { command?: boolean; shift?: boolean } = {}): string {
  const printed = names[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  if (options.command) return commandKey(`${options.shift ? '⇧' : ''}${printed}`);
  return options.shift ? `⇧ ${printed}` : printed;
}
