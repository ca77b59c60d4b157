import { useId } from 'react';
import { formatNumber } from '../ui/format';

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  /** Moves by factors. */
  log?: boolean | undefined;
  integer?: boolean;
  onChange(value: number): void;
}

const positions = 200;

/** A number to drag, its value beside it. */
export function Slider({ label, value, min, max, log = false, integer = false, onChange }: SliderProps) {
  const id = useId();
  const factors = log && min > 0;
  const steps = integer && !factors ? Math.min(max - min, positions) : positions;
  const toShare = (at: number) => (factors ? Math.log(at / min) / Math.log(max / min) : (at - min) / (max - min));
  const toValue = (share: number) => {
    const exact = factors ? min * (max / min) ** share : min + share * (max - min);
    const round = integer ? Math.round(exact) : Number(exact.toPrecision(3));
    return Math.min(Math.max(round, min), max);
  };
  const position = Math.round(Math.min(Math.max(toShare(value), 0), 1) * steps);
  return (
    <div className="slider">
      <label htmlFor={id}>{label}</label>
      <output className="number" htmlFor={id}>
        {formatNumber(value)}
      </output>
      <input
        id={id}
        type="range"
        min={0}
        max={steps}
        step={1}
        value={position}
        aria-valuetext={formatNumber(value)}
        style={{ '--progress': position / steps } as React.CSSProperties}
        onChange={(event) => onChange(moved(Number(event.target.value)))}
      />
    </div>
  );

  /** Whole numbers on a logarithmic slider: a key moves by one at least. */
  function moved(next: number): number {
    const wanted = toValue(next / steps);
    if (!integer || wanted !== value || next === position) return wanted;
    return Math.min(Math.max(value + Math.sign(next - position), min), max);
  }
}
