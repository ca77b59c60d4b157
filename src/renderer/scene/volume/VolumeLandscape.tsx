import { Canvas, type RootState } from '@react-three/fiber';
import { type KeyboardEvent, type Ref, useCallback, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CameraRig, fieldOfView, type RigHandle } from '../CameraRig';
import { ColorBar } from '../ColorBar';
import { captureScene } from '../capture';
import { FrameView } from '../FrameView';
import { type Playhead, plainLayer, type SceneControls, type SceneModel } from '../model';
import { OverlayView } from '../OverlayView';
import { scenePalette } from '../palette';
import { NoWebGl, SceneLink, themeStyle, useReducedMotion, useSceneHandle } from '../surroundings';
import { webGlSupport } from '../webgl';
import type { VolumeAxis, VolumeHandlers, VolumeModel } from './model';
import { SpacePathView } from './SpacePathView';
import { VolumeBodies } from './VolumeBodies';
import { VolumeStage } from './volumeStage';

interface VolumeLandscapeProps {
  model: VolumeModel;
  playhead: Playhead;
  handlers: VolumeHandlers;
  ref?: Ref<SceneControls>;
}

/**
 * The loss along three directions: an isosurface, slices, and the optimizers' paths through them.
 *
 * Keys while it has the focus: arrows orbit, + and − zoom, 0 or Home reset; [ and ] lower and raise the level, I shows or
 * hides the isosurface; X, Y and Z show or hide a slice and choose the one that , and . move. Shift takes ten steps.
 */
export function VolumeLandscape(props: VolumeLandscapeProps) {
  const [support] = useState(webGlSupport);
  if (support.available) return <DrawnVolume {...props} software={support.software} />;
  return <NoWebGl theme={props.model.theme} />;
}

function DrawnVolume({ model, playhead, handlers, ref, software }: VolumeLandscapeProps & { software: boolean }) {
  const { t } = useTranslation();
  const [stage] = useState(() => new VolumeStage());
  const revision = useMemo(() => stage.show(model.volume, model.heightScale), [stage, model.volume, model.heightScale]);
  const reducedMotion = useReducedMotion();
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [lost, setLost] = useState(false);
  const [axis, setAxis] = useState<VolumeAxis>('z');
  const text = useRef<HTMLCanvasElement>(null);
  const three = useRef<RootState>(null);
  const rig = useRef<RigHandle>(null);
  const hint = useId();
  const { labels, theme } = model;
  const title = model.heightScale === 'log' ? t('scene.logTitle', { name: labels.loss }) : labels.loss;
  // Frame and text are the landscape's; its vertical axis is the third direction.
  const scales = useMemo((): SceneModel => {
    const { heightScale, colorMap, view } = model;
    return {
      ...{ surface: null, paths: [], marks: [], heightScale, colorMap, theme, view },
      labels: { x: labels.x, y: labels.y, loss: labels.z },
      layer: plainLayer,
      section: null,
      showContours: false,
      showShadows: false,
    };
  }, [model, labels, theme]);

  const capture = useCallback(() => {
    if (!three.current || !text.current) throw new Error('the volume is not drawn yet');
    return captureScene(three.current, text.current, stage.colorTicks, scales, title);
  }, [stage, scales, title]);
  useSceneHandle({ ref, rig, three, stage, playhead, capture });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = event.shiftKey ? 10 : 1;
    const key = event.key.toLowerCase();
    const arrow = arrows[event.key];
    if (arrow) rig.current?.orbit(...arrow);
    else if (key === '+' || key === '=') rig.current?.zoom(1);
    else if (key === '-' || key === '_') rig.current?.zoom(-1);
    else if (key === '0' || key === 'home') rig.current?.reset();
    else if (key === '[' || key === '{') handlers.onStep('level', -steps);
    else if (key === ']' || key === '}') handlers.onStep('level', steps);
    else if (key === ',' || key === '<') handlers.onStep(axis, -steps);
    else if (key === '.' || key === '>') handlers.onStep(axis, steps);
    else if (key === 'i') handlers.onToggle('level');
    else if (key === 'x' || key === 'y' || key === 'z') {
      // The first press of another axis only chooses it where it is shown already.
      if (axis === key || model.slices[key] === null) handlers.onToggle(key);
      setAxis(key);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      className="scene"
      style={themeStyle(theme)}
      role="application"
      aria-label={t('volume.sceneName', { name: labels.loss, x: labels.x, y: labels.y, z: labels.z })}
      aria-describedby={hint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: role application takes keys
      tabIndex={0}
      data-slice={axis}
      onKeyDown={onKeyDown}
      onPointerMove={() => rig.current?.hold()}
    >
      <Canvas
        flat
        frameloop="demand"
        dpr={software ? 1 : [1, 2]}
        gl={{ antialias: !software, powerPreference: 'high-performance' }}
        camera={{ fov: fieldOfView, near: 0.05, far: 40, position: [-1.5, 1.4, 2.2] }}
      >
        <color attach="background" args={[scenePalette(theme).background]} />
        <SceneLink three={three} onLost={setLost} onSize={setSize} />
        <CameraRig ref={rig} stage={stage} view={model.view} reducedMotion={reducedMotion} hasSurface={false} />
        <FrameView stage={stage} revision={revision} theme={theme} />
        <VolumeBodies stage={stage} revision={revision} model={model} />
        {model.paths.map((path, order) => (
          <SpacePathView key={path.id} {...{ stage, revision, path, playhead, theme, order }} />
        ))}
        <OverlayView stage={stage} model={scales} canvas={text} />
      </Canvas>
      <canvas ref={text} className="scene-text" />
      {stage.transform && size.width > 0 && (
        <ColorBar {...size} colorMap={model.colorMap} ticks={stage.colorTicks} title={title} />
      )}
      {lost && (
        <div className="scene-message" role="alert">
          <p>{t('scene.contextLost')}</p>
        </div>
      )}
      <p id={hint} className="scene-hidden">
        {t('volume.keys')}
      </p>
    </div>
  );
}

const arrows: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
