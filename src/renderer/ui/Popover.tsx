import { Popover as Primitive } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

interface PopoverProps {
  trigger: ReactElement;
  /** Name for screen readers. */
  label: string;
  align?: 'start' | 'center' | 'end';
  children: ReactNode;
}

export function Popover({ trigger, label, align = 'end', children }: PopoverProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content className="popover" aria-label={label} align={align} sideOffset={6} collisionPadding={8}>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
