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
  /** Inside a dialog: the platform's own tooltip, since ours lies under a modal dialog and would take its Escape. */
  inDialog?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with a picture; its name is told by a tooltip and to screen readers. */
export function IconButton({
  label,
  icon: Icon,
  shortcut,
  side,
  pressed,
  inDialog = false,
  className,
  ...rest
}: IconButtonProps) {
  const button = (
    <button
      type="button"
      className={`icon-button ${className ?? ''}`}
      aria-label={label}
      aria-pressed={pressed}
      title={inDialog ? label : undefined}
      {...rest}
    >
      <Icon aria-hidden className="icon" />
    </button>
  );
  if (inDialog) return button;
  return (
    <Tooltip text={label} shortcut={shortcut} {...(side && { side })}>
      {button}
    </Tooltip>
  );
}
