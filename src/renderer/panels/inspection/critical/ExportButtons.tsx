import { useTranslation } from 'react-i18next';
import type { CriticalPoints, FoundCriticalPoint } from '../../../../shared/model/critical';
import { exportCritical } from '../../../state/criticalExport';
import { announce } from '../../../state/notices';
import { Button } from '../../../ui/Button';

/** What was found as a file; `name` is what it is of. */
export function ExportButtons({ found, name }: { found: CriticalPoints | FoundCriticalPoint; name: string }) {
  const { t } = useTranslation();
  const save = async (format: 'csv' | 'json') => {
    const saved = await exportCritical(found, format, name);
    if (saved) announce(t('critical.saved', { name: saved }));
  };
  return (
    <div className="export-buttons">
      {(['csv', 'json'] as const).map((format) => (
        <Button key={format} size="small" onClick={() => void save(format)}>
          {t(`curvature.save.${format}`)}
        </Button>
      ))}
    </div>
  );
}
