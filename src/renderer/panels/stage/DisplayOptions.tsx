import { useTranslation } from 'react-i18next';
import { settingsSchema } from '../../../shared/contract';
import { type ColorMapName, cssColor, colorMap as mapOf } from '../../../shared/math/colorMaps';
import { setView, useLandscape } from '../../state/landscape';
import { updateSettings, useSettings } from '../../state/settings';
import { Segmented } from '../../ui/Segmented';
import { HeightOptions } from './HeightOptions';

const heights = ['auto', 'linear', 'log'] as const;
const colorMaps = settingsSchema.shape.colorMap.unwrap().options;

export function DisplayOptions() {
  const { t } = useTranslation();
  const { heightScale } = useLandscape((state) => state.options);
  const colorMap = useSettings((state) => state.settings.colorMap);
  return (
    <div className="popover-form">
      <Segmented
        showLabel
        label={t('display.height')}
        value={heightScale}
        options={heights.map((value) => ({ value, label: t(`display.${value}`) }))}
        onChange={(value) => setView({ heightScale: value })}
      />
      <HeightOptions />
      <fieldset className="color-maps">
        <legend className="field-label">{t('display.colorMap')}</legend>
        {colorMaps.map((name) => (
          <label key={name} className={`color-map ${name === colorMap ? 'chosen' : ''}`}>
            <input
              type="radio"
              className="visually-hidden"
              name="color-map"
              value={name}
              checked={name === colorMap}
              onChange={() => updateSettings({ colorMap: name })}
            />
            <span className="ramp" aria-hidden style={{ backgroundImage: ramp(name) }} />
            <span>{t(`colorMap.${name}`)}</span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}

/** The map from its dark to its light end, as a gradient. */
function ramp(name: ColorMapName): string {
  const map = mapOf(name);
  const stops = Array.from({ length: 9 }, (_, i) => cssColor(map(i / 8)));
  return `linear-gradient(to right, ${stops.join(', ')})`;
}
