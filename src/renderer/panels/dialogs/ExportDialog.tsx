import { ImageDown } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../state/catalog';
import type { FieldIssue } from '../../state/compile';
import { automaticName } from '../../state/draft';
import { criticalOnStage, exportFigure, regionsOnStage } from '../../state/figure';
import { useJobs } from '../../state/jobs';
import { useLandscape } from '../../state/landscape';
import { useDrawnLayer } from '../../state/layers';
import { announce } from '../../state/notices';
import { resolveHeight, useSceneCut } from '../../state/scene';
import { useSettings } from '../../state/settings';
import { useWorkbench } from '../../state/workbench';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { Segmented } from '../../ui/Segmented';
import { Switch } from '../../ui/Switch';
import { Notices } from '../Notices';
import { ProgressCard } from '../stage/ProgressCards';

/** The landscape as a figure for a paper: contours, paths, colour bar and axes. */
export function ExportDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const catalog = useCatalog((state) => state.catalog);
  const name = useWorkbench(({ draft }) => (draft ? draft.name.trim() || automaticName(draft, catalog) : ''));
  const colorMap = useSettings((state) => state.settings.colorMap);
  const surface = useLandscape((state) => state.surface);
  const height = useLandscape((state) => state.options.heightScale);
  const drawn = useDrawnLayer();
  const cut = useSceneCut(drawn);
  const job = useJobs(({ jobs }) => jobs.find(({ label }) => label === 'figure') ?? null);
  const [format, setFormat] = useState<'svg' | 'png'>('svg');
  const [width, setWidth] = useState<'89' | '183' | 'other'>('89');
  const [otherWidth, setOtherWidth] = useState('120');
  const [title, setTitle] = useState(name);
  const [critical] = useState(criticalOnStage);
  const [regions] = useState(regionsOnStage);
  const [withCritical, setWithCritical] = useState(true);
  const [withRegions, setWithRegions] = useState(true);
  const millimetres = Number(width === 'other' ? otherWidth : width);
  const issue: FieldIssue | null =
    width !== 'other' || (millimetres >= 20 && millimetres <= 500)
      ? null
      : { path: 'widthMm', key: 'widthRange', values: { value: otherWidth } };
  const save = async () => {
    const saved = await exportFigure(
      {
        format,
        widthMm: millimetres,
        colorMap,
        scale: surface ? resolveHeight(height, surface.loss) : 'linear',
        ...(critical && withCritical && { criticalPoints: critical }),
        ...(withRegions && regions),
        ...(title.trim() && { title: title.trim() }),
      },
      title || name,
    );
    if (saved) {
      announce(t('export.saved', { name: saved }));
      onClose();
    }
  };
  return (
    <Dialog
      title={t('export.title')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            variant="primary"
            icon={ImageDown}
            disabled={!surface || issue !== null || job !== null}
            onClick={() => void save()}
          >
            {t('export.save')}
          </Button>
        </>
      }
    >
      <div className="dialog-form">
        {!surface && <p className="issue">{t('export.nothing')}</p>}
        <Segmented
          showLabel
          label={t('export.format')}
          value={format}
          options={[
            { value: 'svg', label: t('export.svg') },
            { value: 'png', label: t('export.png') },
          ]}
          onChange={(value) => setFormat(value)}
        />
        <Segmented
          showLabel
          label={t('export.width')}
          value={width}
          options={[
            { value: '89', label: t('export.single') },
            { value: '183', label: t('export.double') },
            { value: 'other', label: t('export.other') },
          ]}
          onChange={(value) => setWidth(value)}
        />
        {width === 'other' && (
          <TextField
            numeric
            label={t('export.otherWidth')}
            suffix="mm"
            value={otherWidth}
            issue={issue}
            onChange={setOtherWidth}
          />
        )}
        <TextField label={t('export.figureTitle')} value={title} onChange={setTitle} />
        {critical && <Switch label={t('export.critical')} checked={withCritical} onChange={setWithCritical} />}
        {regions && <Switch label={t(`export.${regions.regions}`)} checked={withRegions} onChange={setWithRegions} />}
        {drawn && (drawn.measure !== 'loss' || cut !== null) && <p className="hint">{t('export.lossOnly')}</p>}
        {job && <ProgressCard job={job} />}
        <Notices place="app" />
      </div>
    </Dialog>
  );
}
