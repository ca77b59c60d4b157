import { Box, ChevronDown, Cloudy, Layers, Layers2, Palette, RotateCcw, Spline, SquareDashed } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { resetView } from '../../state/commands';
import { setView, useLandscape } from '../../state/landscape';
import { useDrawnLayer } from '../../state/layers';
import { useLessons } from '../../state/lessons';
import { useLayerName } from '../../state/scene';
import { useWorkbench } from '../../state/workbench';
import { Button, IconButton } from '../../ui/Button';
import { Popover } from '../../ui/Popover';
import { Segmented } from '../../ui/Segmented';
import { DisplayOptions } from './DisplayOptions';
import { LayerOptions } from './LayerOptions';
import { MotionButton } from './MotionLegend';
import { PlaneOptions } from './PlaneOptions';
import { VolumeButton } from './VolumeButton';

export function StageToolbar() {
  const { t } = useTranslation();
  const { options, plane, stale, objective } = useLandscape();
  const wanted = useWorkbench(({ draft }) => draft?.kind);
  const inLesson = useLessons(({ lesson }) => lesson !== null);
  const network = (objective?.kind ?? wanted) === 'network';
  const layerName = useLayerName()(useDrawnLayer());
  const kind = network ? (plane?.spec.kind ?? options.plane) : 'whole';
  return (
    <div className="toolbar" role="toolbar" aria-label={t('stage.toolbar')}>
      <Segmented
        compact
        label={t('stage.view')}
        value={options.view}
        options={[
          { value: 'perspective', label: t('stage.perspective'), icon: Box, shortcut: '1' },
          { value: 'top', label: t('stage.top'), icon: SquareDashed, shortcut: '2' },
        ]}
        onChange={(view) => setView({ view })}
      />
      <IconButton label={t('stage.reset')} shortcut="0" icon={RotateCcw} onClick={resetView} />
      <span className="divider" />
      <IconButton
        label={t('stage.contours')}
        shortcut="I"
        icon={Spline}
        pressed={options.contours}
        onClick={() => setView({ contours: !options.contours })}
      />
      <IconButton
        label={t('stage.shadows')}
        shortcut="H"
        icon={Cloudy}
        pressed={options.shadows}
        onClick={() => setView({ shadows: !options.shadows })}
      />
      <MotionButton />
      <VolumeButton />
      <span className="divider" />
      <Popover
        label={t('display.title')}
        align="start"
        trigger={
          <Button icon={Palette} variant="ghost" aria-label={t('display.title')}>
            <span className="button-text">{t('display.title')}</span>
            <ChevronDown aria-hidden className="chevron" />
          </Button>
        }
      >
        <DisplayOptions />
      </Popover>
      <span className="spacer" />
      {(objective || !inLesson) && (
        <>
          <Popover
            label={t('layer.menu')}
            trigger={
              <Button
                icon={Layers}
                variant="ghost"
                className="layer-button"
                aria-label={t('layer.choose', { layer: layerName })}
                title={layerName}
              >
                <span>{layerName}</span>
                <ChevronDown aria-hidden className="chevron" />
              </Button>
            }
          >
            <LayerOptions />
          </Popover>
          <Popover
            label={t('plane.title')}
            trigger={
              <Button icon={Layers2} variant="ghost" aria-label={t('plane.choose', { plane: t(`plane.name.${kind}`) })}>
                <span>{t(`plane.name.${kind}`)}</span>
                {stale && <span className="stale-dot" aria-hidden />}
                <ChevronDown aria-hidden className="chevron" />
              </Button>
            }
          >
            <PlaneOptions />
          </Popover>
        </>
      )}
    </div>
  );
}
