import { releaseFocus } from './releaseFocus';

interface SwitchProps {
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

export function Switch({ label, checked, onChange }: SwitchProps) {
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        onFocus={releaseFocus}
      />
      <span className="track" aria-hidden />
      <span>{label}</span>
    </label>
  );
}
