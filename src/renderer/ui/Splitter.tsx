import { useRef } from 'react';
import { typeScale } from './typeScale';

interface SplitterProps {
  label: string;
  /** Width of the pane it resizes, in pixels at the usual type size (sixteenths of a rem). */
  value: number;
  min: number;
  max: number;
  /** The pane is on this side of the splitter. */
  side: 'left' | 'right';
  controls: string;
  onChange(value: number): void;
}

const keyStep = 16;

/**
 * A bar between two panes, for the pointer and the arrow keys. Ours, because the libraries for it inject a <style> that
 * the content security policy refuses.
 */
export function Splitter({ label, value, min, max, side, controls, onChange }: SplitterProps) {
  const drag = useRef<{ x: number; value: number } | null>(null);
  const direction = side === 'left' ? 1 : -1;
  const set = (next: number) => onChange(Math.round(Math.min(Math.max(next, min), max)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> takes no pointer and no keys
    <div
      role="separator"
      tabIndex={0}
      className="splitter"
      aria-label={label}
      aria-orientation="vertical"
      aria-controls={controls}
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, value };
      }}
      onPointerMove={(event) => {
        if (drag.current) set(drag.current.value + (direction * (event.clientX - drag.current.x)) / typeScale());
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
      onKeyDown={(event) => {
        const delta = { ArrowLeft: -keyStep, ArrowRight: keyStep }[event.key];
        if (delta === undefined) return;
        event.preventDefault();
        set(value + direction * delta);
      }}
    />
  );
}
