import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { Tooltip } from './Tooltip';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: 'primary' | 'plain' | 'ghost' | 'danger';
  size?: 'small' | 'medium' | 'large';
  icon?: LucideIcon;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ variant = 'plain', size = 'medium', icon: Icon, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button ${variant} ${size} ${className ?? ''}`} {...rest}>
      {Icon && <Icon aria-hidden className="icon" />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  label: string;
  icon: LucideIcon;
  shortcut?: string;
  side?: 'top' | 'bottom' | 'left' | 'right';
  /** A switch that stays pressed. */
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with a picture; its name is told by a tooltip and to screen readers. */
export function IconButton({ label, icon: Icon, shortcut, side, pressed, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut} {...(side && { side })}>
      <button
        type="button"
        className={`icon-button ${className ?? ''}`}
        aria-label={label}
        aria-pressed={pressed}
        {...rest}
      >
        <Icon aria-hidden className="icon" />
      </button>
    </Tooltip>
  );
}
