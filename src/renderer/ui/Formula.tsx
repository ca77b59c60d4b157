/** An expression in x and y with raised powers and a true minus; nothing is evaluated. */
export function Formula({ expression }: { expression: string }) {
  const parts = expression
    .replaceAll('**', '^')
    .replaceAll('-', '−')
    .replaceAll('*', ' ')
    .replace(/\bpi\b/g, 'π')
    .replace(/\s+/g, ' ')
    .split(/(\^(?:\([^()]*\)|[\w.]+))/);
  const keyed = parts.map((part, index) => ({ part, key: `${index}:${part}` }));
  return (
    <span className="formula">
      {keyed.map(({ part, key }) =>
        part.startsWith('^') ? <sup key={key}>{part.slice(1).replace(/^\((.*)\)$/, '$1')}</sup> : part,
      )}
    </span>
  );
}
