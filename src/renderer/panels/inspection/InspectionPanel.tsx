import { useTranslation } from 'react-i18next';
import { useRuns } from '../../state/runs';
import { ConnectSection } from './ConnectSection';
import { CurvesSection } from './CurvesSection';
import { CriticalSection } from './critical/CriticalSection';
import { CurvatureSection } from './curvature/CurvatureSection';
import { LintSection } from './LintSection';
import { PointSection } from './PointSection';
import { ProfileSection } from './ProfileSection';
import { RegionsSection } from './RegionsSection';
import { RunsSection } from './RunsSection';

/** Right pane: what was measured. */
export function InspectionPanel() {
  const { t } = useTranslation();
  const empty = useRuns(({ runs }) => runs.length === 0);
  return (
    <section className="pane inspection" id="inspection" aria-label={t('pane.inspection')} tabIndex={-1}>
      <div className="pane-scroll">
        {empty ? (
          <>
            <div className="empty-pane">
              <p className="empty-title">{t('inspection.empty.title')}</p>
              <p>{t('inspection.empty.text')}</p>
            </div>
            <CriticalSection />
            <ProfileSection />
          </>
        ) : (
          <>
            <RunsSection />
            <CurvesSection />
            <PointSection />
            <ProfileSection />
            <CurvatureSection />
            <CriticalSection />
            <RegionsSection />
            <ConnectSection />
            <LintSection />
          </>
        )}
      </div>
    </section>
  );
}
