import { ChevronRight } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';

interface SectionProps {
  title: string;
  /** Beside the title, e.g. a button. */
  actions?: ReactNode;
  /** Shown while it is folded. */
  summary?: string;
  defaultOpen?: boolean;
  children: ReactNode;
}

/** A part of a panel that folds. */
export function Section({ title, actions, summary, defaultOpen = true, children }: SectionProps) {
  const [open, setOpen] = useState(defaultOpen);
  const id = useId();
  return (
    <section className="section" aria-labelledby={`${id}-title`}>
      <header className="section-header">
        <h3 id={`${id}-title`}>
          <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <ChevronRight aria-hidden className="fold" />
            {title}
          </button>
        </h3>
        {!open && summary && <span className="section-summary">{summary}</span>}
        {open && actions && <div className="section-actions">{actions}</div>}
      </header>
      <div id={id} className="section-body" hidden={!open}>
        {children}
      </div>
    </section>
  );
}
