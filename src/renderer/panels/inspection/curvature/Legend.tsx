interface LegendItem {
  name: string;
  color: string;
  dashed?: boolean;
}

/** What the colours and dashes of a plot stand for. */
export function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul className="plot-legend">
      {items.map(({ name, color, dashed = false }) => (
        <li key={name} className={dashed ? 'dashed' : ''} style={{ '--matrix-color': color } as React.CSSProperties}>
          {name}
        </li>
      ))}
    </ul>
  );
}
