import { Canvas, type RootState } from '@react-three/fiber';
import { type KeyboardEvent, type PointerEvent, type Ref, useCallback, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../shared/math/numbers';
import { BandView } from './BandView';
import { CameraRig, fieldOfView, type RigHandle } from './CameraRig';
import { ColorBar } from './ColorBar';
import { CursorView } from './CursorView';
import { captureScene } from './capture';
import { FrameView } from './FrameView';
import { sampleHeight } from './heightField';
import { markNear } from './marks';
import type { HoverProbe, Playhead, SceneControls, SceneHandlers, SceneModel } from './model';
import { MotionView } from './motion/MotionView';
import { OverlayView } from './OverlayView';
import { PathView } from './PathView';
import { scenePalette } from './palette';
import { pickSurface, probeAtUnit } from './pick';
import type { ScreenPoint } from './projector';
import { ResidualView } from './ResidualView';
import { SectionView } from './SectionView';
import { SurfaceView } from './SurfaceView';
import { NoWebGl, SceneLink, themeStyle, useReducedMotion, useSceneHandle } from './surroundings';
import './scene.css';
import { Stage } from './stage';
import { webGlSupport } from './webgl';

interface LandscapeProps {
  model: SceneModel;
  playhead: Playhead;
  handlers: SceneHandlers;
  ref?: Ref<SceneControls>;
}

/** Points a side of the mesh that coarse grids are made smooth to. Two cores draw 193² in less than 0.1 s. */
const resolution = 289;
const softwareResolution = 193;
/** Pointer travel (pixels) up to which a press is a click and not a drag. */
const clickSlack = 4;
/** The keyboard's cursor moves by this share of the window, a fifth of it with Shift. */
const cursorStep = 0.02;

/**
 * The loss surface with the optimizers on it. Draws on demand: when the model changes, when the playhead moves and
 * while the camera moves.
 *
 * Keys while it has the focus: arrows orbit, + and − zoom, 0 or Home reset; C switches a cursor on that the arrows
 * move (finer with Shift), Enter picks there, Escape switches it off.
 */
export function Landscape(props: LandscapeProps) {
  const [support] = useState(webGlSupport);
  if (support.available) return <DrawnLandscape {...props} software={support.software} />;
  return <NoWebGl theme={props.model.theme} />;
}

function DrawnLandscape({ model, playhead, handlers, ref, software }: LandscapeProps & { software: boolean }) {
  const { t } = useTranslation();
  const [stage] = useState(() => new Stage(software ? softwareResolution : resolution));
  const revision = useMemo(
    () => stage.update(model.surface, model.heightScale, model.layer),
    [stage, model.surface, model.heightScale, model.layer],
  );
  const reducedMotion = useReducedMotion();
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [lost, setLost] = useState(false);
  const [cursorMode, setCursorMode] = useState(false);
  const [cursorText, setCursorText] = useState('');
  const wrapper = useRef<HTMLDivElement>(null);
  const text = useRef<HTMLCanvasElement>(null);
  const three = useRef<RootState>(null);
  const rig = useRef<RigHandle>(null);
  const press = useRef<{ x: number; y: number } | null>(null);
  const hint = useId();
  const { labels, theme } = model;
  const title = model.heightScale === 'log' ? t('scene.logTitle', { name: labels.loss }) : labels.loss;

  const capture = useCallback(() => {
    if (!three.current || !text.current) throw new Error('the landscape is not drawn yet');
    return captureScene(three.current, text.current, stage.lossAxis, model, title);
  }, [stage, model, title]);
  useSceneHandle({ ref, rig, three, stage, playhead, capture });

  const show = (probe: HoverProbe | null): void => {
    const { cursor } = stage;
    if (!probe && !cursor.visible) return;
    cursor.visible = probe !== null;
    three.current?.invalidate();
    handlers.onHover(probe);
  };
  const markUnder = (event: PointerEvent): string | null => {
    const box = wrapper.current?.getBoundingClientRect();
    return box ? markNear(stage.marks, event.clientX - box.left, event.clientY - box.top) : null;
  };
  const probeUnder = (event: PointerEvent): HoverProbe | null => {
    const box = wrapper.current?.getBoundingClientRect();
    return box ? pickSurface(stage, event.clientX - box.left, event.clientY - box.top) : null;
  };
  const pick = (probe: HoverProbe | null, mark: string | null): void => {
    if (mark !== null) handlers.onPickMark(mark);
    else if (probe) handlers.onPick(probe.x, probe.y);
  };
  const onPointerMove = (event: PointerEvent): void => {
    rig.current?.hold();
    if (event.buttons !== 0) return;
    if (cursorMode) setCursorMode(false);
    show(probeUnder(event));
    if (wrapper.current) wrapper.current.dataset.mark = String(markUnder(event) !== null);
  };
  const onPointerUp = (event: PointerEvent): void => {
    const from = press.current;
    press.current = null;
    if (!from || event.button !== 0) return;
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > clickSlack) return;
    pick(probeUnder(event), markUnder(event));
  };

  const moveCursor = (du: number, dv: number): void => {
    const probe = probeAtUnit(stage, stage.cursor.u + du, stage.cursor.v + dv);
    // Over a gap the cursor stays visible in thought only; it can be moved on.
    show(probe);
    setCursorText(
      probe
        ? t('scene.cursorAt', {
            x: formatNumber(probe.x),
            y: formatNumber(probe.y),
            name: labels.loss,
            loss: formatNumber(probe.loss),
          })
        : t('scene.cursorGap'),
    );
  };
  const endCursor = (): void => {
    setCursorMode(false);
    setCursorText('');
    show(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? cursorStep / 5 : cursorStep;
    const arrow = arrows[event.key];
    if (arrow) {
      if (cursorMode) moveCursor(arrow[0] * step, arrow[1] * step);
      else rig.current?.orbit(arrow[0], arrow[1]);
    } else if (event.key === '+' || event.key === '=') rig.current?.zoom(1);
    else if (event.key === '-' || event.key === '_') rig.current?.zoom(-1);
    else if (event.key === '0' || event.key === 'Home') rig.current?.reset();
    else if (event.key === 'c' || event.key === 'C') {
      if (cursorMode) endCursor();
      else {
        setCursorMode(true);
        moveCursor(0, 0);
      }
    } else if (event.key === 'Enter' && cursorMode) {
      const { u, v } = stage.cursor;
      const { x, y } = stage.projector.project(u, v, stage.field ? sampleHeight(stage.field, u, v) : 0, cursorPoint);
      pick(probeAtUnit(stage, u, v), markNear(stage.marks, x, y));
    } else if (event.key === 'Escape' && cursorMode) endCursor();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={wrapper}
      className="scene"
      style={themeStyle(theme)}
      role="application"
      aria-label={t('scene.name', { name: labels.loss, x: labels.x, y: labels.y })}
      aria-describedby={hint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: role application takes keys
      tabIndex={0}
      data-cursor={cursorMode}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        press.current = event.isPrimary ? { x: event.clientX, y: event.clientY } : null;
      }}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerLeave={() => {
        if (!cursorMode) show(null);
      }}
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
        <CameraRig
          ref={rig}
          stage={stage}
          view={model.view}
          reducedMotion={reducedMotion}
          hasSurface={stage.field !== null}
        />
        <FrameView stage={stage} revision={revision} theme={theme} />
        <SurfaceView
          stage={stage}
          revision={revision}
          colorMap={model.colorMap}
          theme={theme}
          showContours={model.showContours}
        />
        {model.paths.map((path, order) => (
          <PathView
            key={path.id}
            stage={stage}
            path={path}
            playhead={path.whole ? atTheEnd : playhead}
            theme={theme}
            showShadows={model.showShadows}
            order={order}
          />
        ))}
        {model.layer.band && stage.field && (
          <BandView stage={stage} revision={revision} band={model.layer.band} theme={theme} />
        )}
        {model.layer.dropScale !== null &&
          model.paths.map((path) => (
            <ResidualView
              key={path.id}
              stage={stage}
              path={path}
              playhead={path.whole ? atTheEnd : playhead}
              scale={model.layer.dropScale ?? 0}
            />
          ))}
        {model.section && <SectionView stage={stage} section={model.section} theme={theme} />}
        {model.motions?.map((motion) => (
          <MotionView key={motion.id} stage={stage} motion={motion} playhead={playhead} theme={theme} />
        ))}
        <CursorView stage={stage} theme={theme} />
        <OverlayView stage={stage} model={model} canvas={text} />
      </Canvas>
      <canvas ref={text} className="scene-text" />
      {stage.transform && size.width > 0 && (
        <ColorBar {...size} colorMap={model.colorMap} ticks={stage.lossAxis} title={title} />
      )}
      {lost && (
        <div className="scene-message" role="alert">
          <p>{t('scene.contextLost')}</p>
        </div>
      )}
      <p id={hint} className="scene-hidden">
        {t('scene.keys')}
      </p>
      <p className="scene-hidden" aria-live="polite">
        {cursorText}
      </p>
    </div>
  );
}

const cursorPoint: ScreenPoint = { x: 0, y: 0, depth: 0 };
/** Before the playhead of a path that is shown whole lie all of its rows. */
const atTheEnd: Playhead = { current: 1e30, subscribe: () => () => undefined };

const arrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
