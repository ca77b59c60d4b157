import { useTranslation } from 'react-i18next';
import { setView, useLandscape } from '../../state/landscape';
import { clipIssue } from '../../state/layerOptions';
import { TextField } from '../../ui/Field';
import { Segmented } from '../../ui/Segmented';
import { Switch } from '../../ui/Switch';

const clips = ['none', 'value', 'quantile'] as const;

/** Where heights are cut flat, and the paths' distance from the plane. */
export function HeightOptions() {
  const { t } = useTranslation();
  const options = useLandscape((state) => state.options);
  const network = useLandscape(({ objective }) => objective?.kind === 'network');
  const { clip } = options;
  const issue = clipIssue(options);
  return (
    <>
      <Segmented
        showLabel
        label={t('display.clip')}
        value={clip}
        options={clips.map((value) => ({ value, label: t(`display.clipAt.${value}`) }))}
        onChange={(value) => setView({ clip: value })}
      />
      {clip === 'value' && (
        <TextField
          numeric
          label={t('display.clipValue')}
          value={options.clipValue}
          issue={issue}
          onChange={(clipValue) => setView({ clipValue })}
        />
      )}
      {clip === 'quantile' && (
        <TextField
          numeric
          label={t('display.clipQuantile')}
          suffix="%"
          value={options.clipQuantile}
          issue={issue}
          onChange={(clipQuantile) => setView({ clipQuantile })}
        />
      )}
      {network && (
        <Switch
          label={t('display.dropLines')}
          checked={options.dropLines}
          onChange={(dropLines) => setView({ dropLines })}
        />
      )}
    </>
  );
}
