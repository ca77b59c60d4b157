import type { LossTick } from '../../shared/math/ticks';
import { colorBarBox, colorGradient } from './colorBar';
import type { SceneModel } from './model';

interface ColorBarProps {
  width: number;
  height: number;
  colorMap: SceneModel['colorMap'];
  ticks: readonly LossTick[];
  title: string;
}

/** Colours and their losses, beside the landscape. */
export function ColorBar({ width, height, colorMap, ticks, title }: ColorBarProps) {
  const box = colorBarBox(width, height);
  return (
    <div className="scene-color-bar" style={{ left: box.left, top: box.top, height: box.height }}>
      <span className="scene-color-bar-title">{title}</span>
      <div className="scene-color-bar-colors" style={{ width: box.width, background: colorGradient(colorMap) }} />
      {ticks.map(({ value, label, height: at }) => (
        <span key={value} className="scene-color-bar-tick" style={{ left: box.width, bottom: `${100 * at}%` }}>
          {label}
        </span>
      ))}
    </div>
  );
}
