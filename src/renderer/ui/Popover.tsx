import { Popover as Primitive } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

interface PopoverProps {
  trigger: ReactElement;
  /** Name for screen readers. */
  label: string;
  align?: 'start' | 'center' | 'end';
  children: ReactNode;
}

/** A control that gives the focus back as soon as it gets it (releaseFocus) looks like one outside. */
function stayOpen(event: Event): void {
  if (event.target instanceof Element && event.target.closest('.popover')) event.preventDefault();
}

export function Popover({ trigger, label, align = 'end', children }: PopoverProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          className="popover"
          aria-label={label}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          onFocusOutside={stayOpen}
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
