import { ShieldCheck, Wand2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { LintFinding } from '../../../shared/model/lint';
import { useLandscape } from '../../state/landscape';
import { applyCure, lintStage, useLint } from '../../state/lint';
import { announce } from '../../state/notices';
import { Button } from '../../ui/Button';
import { formatNumber } from '../../ui/format';
import { Section } from '../../ui/Section';
import { useCatalogText } from '../../ui/useCatalogText';
import { Notices } from '../Notices';

/** What a careful reviewer would object to in the plot on the stage, each with its cure. */
export function LintSection() {
  const { t } = useTranslation();
  const { result, computing } = useLandscape();
  const { busy, findings, of } = useLint();
  const known = of !== null && of === result;
  const tell = async (looking: Promise<LintFinding[] | null>) => {
    const found = await looking;
    if (found) announce(found.length > 0 ? t('lint.found', { count: found.length }) : t('lint.clean'));
  };
  return (
    <Section title={t('lint.title')}>
      <Button icon={ShieldCheck} disabled={busy || computing || !result} onClick={() => void tell(lintStage())}>
        {t('lint.check')}
      </Button>
      <Notices place="lint" />
      {!known && <p className="hint">{t('lint.empty')}</p>}
      {known && findings.length === 0 && <p className="lint-clean">{t('lint.clean')}</p>}
      {known && findings.length > 0 && (
        <ul className="lint-list">
          {findings.map((finding) => (
            <Finding key={finding.rule} finding={finding} onCure={() => void tell(applyCure(finding))} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Finding({ finding, onCure }: { finding: LintFinding; onCure(): void }) {
  const { t } = useTranslation();
  const text = useCatalogText();
  const { rule, severity, value, limit, title, why, cure } = finding;
  return (
    <li className="lint-finding" data-severity={severity}>
      <p className="lint-title">
        <span className="lint-severity">{t(`lint.severity.${severity}`)}</span> {text(`lint.${rule}.title`, title)}
      </p>
      <p className="hint">{text(`lint.${rule}.why`, why)}</p>
      <p className="lint-measured">
        {limit === null
          ? t('lint.measured', { value: formatNumber(value, 3) })
          : t('lint.measuredLimit', { value: formatNumber(value, 3), limit: formatNumber(limit, 3) })}
      </p>
      {cure && (
        <Button size="small" icon={Wand2} onClick={onCure}>
          {text(`lint.${rule}.cure`, cure.title)}
        </Button>
      )}
    </li>
  );
}
