import { useTranslation } from 'react-i18next';
import type { FieldIssue } from '../../state/compile';
import { recompute, setOptions, setView, useLandscape } from '../../state/landscape';
import { TextField } from '../../ui/Field';
import { Switch } from '../../ui/Switch';

/** Evaluations only where the surface bends: on or off, how well, and where they went. */
export function AdaptiveOptions({ issue }: { issue: FieldIssue | null }) {
  const { t } = useTranslation();
  const { adaptive, tolerance, evaluated } = useLandscape((state) => state.options);
  return (
    <>
      <Switch
        label={t('adaptive.title')}
        checked={adaptive}
        onChange={(value) => {
          setOptions({ adaptive: value });
          void recompute();
        }}
      />
      {adaptive && (
        <>
          <TextField
            numeric
            label={t('adaptive.tolerance')}
            suffix={t('adaptive.ofRange')}
            value={tolerance}
            issue={issue}
            onChange={(typed) => setOptions({ tolerance: typed })}
            onEnter={() => void recompute()}
          />
          <Switch
            label={t('adaptive.evaluated')}
            checked={evaluated}
            onChange={(value) => setView({ evaluated: value })}
          />
        </>
      )}
    </>
  );
}
