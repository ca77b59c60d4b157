/**
 * Gives the focus back after a choice by pointer, so that the arrow keys and Space go on meaning the timeline. Whoever
 * came by keyboard keeps it, and so does whoever chose in a popover: it closes when the focus leaves it.
 */
export function releaseFocus({ currentTarget }: { currentTarget: HTMLElement }): void {
  if (currentTarget.closest('[role=dialog]')) return;
  if (!currentTarget.matches(':focus-visible')) currentTarget.blur();
}
