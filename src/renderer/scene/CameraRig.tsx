import { CameraControls, CameraControlsImpl } from '@react-three/drei';
import { useFrame, useThree } from '@react-three/fiber';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { Box3, MathUtils, type PerspectiveCamera, Spherical, Vector3 } from 'three';
import { blendProjection, clearestView, type Framing, frameBox, type Padding, type View } from './cameraMath';
import { colorBarStrip } from './colorBar';
import type { HeightField } from './heightField';
import type { SceneModel } from './model';
import type { Stage } from './stage';
import { keyLight } from './surfaceMaterial';
import { boxCentre } from './world';

export interface RigHandle {
  reset(): void;
  orbit(azimuthSteps: number, elevationSteps: number): void;
  zoom(steps: number): void;
  /** Ends the opening movement. */
  hold(): void;
}

interface CameraRigProps {
  stage: Stage;
  view: SceneModel['view'];
  /** No damping, no gentle turning, views change at once. */
  reducedMotion: boolean;
  hasSurface: boolean;
  ref?: Ref<RigHandle>;
}

export const fieldOfView = 28;
/** Where the viewer stands at first: beside the front, looking down; higher if that hides much less. */
const homeViews: readonly View[] = [0.98, 0.82, 0.66].flatMap((polar) =>
  [-0.6, 0.6].map((azimuth) => ({ azimuth, polar })),
);
const customary = homeViews[0] as View;
const polarRange = { min: 0.12, max: 1.5 };
const orbitStep = Math.PI / 24;
const zoomStep = 1.2;
const smoothTime = 0.22;
/** Seconds of the way between the two views (time constant). */
const viewTime = 0.16;
/** The opening movement: a slow swing about the first position, radians and radians per second. */
const swing = { amplitude: 0.3, rate: 0.16 };
/** Frames longer than this many seconds: the machine has better things to do than to turn the picture. */
const slowFrame = 0.06;
const slowFrames = 12;

const { ACTION } = CameraControlsImpl;
const limits = new Box3(new Vector3(-0.5, boxCentre[1] - 0.3, -0.5), new Vector3(0.5, boxCentre[1] + 0.3, 0.5));

/** Space left for labels: ticks at the left and below, the colour bar at the right. */
function padding(view: SceneModel['view'], width: number, height: number): Padding {
  const scale = Math.min(1, width / 640, height / 400);
  const sides =
    view === 'top' ? { left: 74, right: 112, top: 28, bottom: 62 } : { left: 62, right: 100, top: 26, bottom: 44 };
  return {
    left: sides.left * scale,
    right: Math.max(sides.right * scale, colorBarStrip + 8),
    top: sides.top * scale,
    bottom: sides.bottom * scale,
  };
}

/** Orbit, zoom, pan and the two views. Perspective fades out on the way to the top view. */
export function CameraRig({ stage, view, reducedMotion, hasSurface, ref }: CameraRigProps) {
  const controls = useRef<CameraControlsImpl>(null);
  const invalidate = useThree((state) => state.invalidate);
  const width = useThree((state) => state.size.width);
  const height = useThree((state) => state.size.height);
  const rig = useRef<RigState>(null);
  rig.current ??= newRig(!reducedMotion);
  const smooth = !reducedMotion;

  useEffect(() => {
    const state = rig.current;
    if (reducedMotion && state) state.swinging = false;
  }, [reducedMotion]);

  useEffect(() => {
    const camera = controls.current;
    const state = rig.current;
    if (!camera || !state) return;
    state.frames = framesFor(width, height, state.home);
    if (state.view && !state.zoomed) void camera.dollyTo(state.frames[state.view].distance, false);
    invalidate();
  }, [width, height, invalidate]);

  useEffect(() => {
    const camera = controls.current;
    const state = rig.current;
    if (!camera || !state) return;
    const first = state.view === null;
    camera.normalizeRotations();
    if (view === 'top') {
      state.swinging = false;
      if (state.view === 'perspective') {
        state.side.azimuth = camera.azimuthAngle;
        state.side.polar = camera.polarAngle;
      }
      camera.minPolarAngle = 0;
      camera.mouseButtons.left = ACTION.TRUCK;
      camera.touches.one = ACTION.TOUCH_TRUCK;
    } else {
      camera.minPolarAngle = polarRange.min;
      camera.mouseButtons.left = ACTION.ROTATE;
      camera.touches.one = ACTION.TOUCH_ROTATE;
    }
    state.view = view;
    state.zoomed = false;
    place(camera, state, view, !first && smooth);
    if (first || !smooth) stage.topness = view === 'top' ? 1 : 0;
    invalidate();
  }, [view, smooth, stage, invalidate]);

  // The first surface decides from which side it is seen.
  useEffect(() => {
    const camera = controls.current;
    const state = rig.current;
    if (!camera || !state || state.chosen || !hasSurface || !stage.field) return;
    state.chosen = true;
    adoptHome(state, stage.field, width, height);
    if (!state.zoomed) void camera.dollyTo(state.frames[view].distance, false);
    if (view === 'perspective' && !state.zoomed) void camera.rotateTo(state.home.azimuth, state.home.polar, false);
    invalidate();
  }, [stage, view, hasSurface, width, height, invalidate]);

  useImperativeHandle(
    ref,
    () => ({
      reset() {
        const camera = controls.current;
        const state = rig.current;
        if (!camera || !state) return;
        state.swinging = false;
        state.zoomed = false;
        if (stage.field) adoptHome(state, stage.field, width, height);
        camera.normalizeRotations();
        place(camera, state, view, smooth);
        invalidate();
      },
      hold() {
        if (rig.current) rig.current.swinging = false;
      },
      orbit(azimuthSteps, elevationSteps) {
        const camera = controls.current;
        if (!camera || !rig.current) return;
        rig.current.swinging = false;
        if (view === 'top') void camera.truck(azimuthSteps * 0.06, -elevationSteps * 0.06, smooth);
        else void camera.rotate(azimuthSteps * orbitStep, -elevationSteps * orbitStep, smooth);
        invalidate();
      },
      zoom(steps) {
        const camera = controls.current;
        if (!camera || !rig.current) return;
        rig.current.swinging = false;
        rig.current.zoomed = true;
        const distance = camera.getSpherical(rig.current.spherical, true).radius;
        void camera.dollyTo(distance / zoomStep ** steps, smooth);
        invalidate();
      },
    }),
    [stage, view, smooth, width, height, invalidate],
  );

  // After the controls (−1), before everything that reads the camera (0).
  useFrame((three, delta) => {
    const controller = controls.current;
    const state = rig.current;
    if (!controller || !state) return;
    const camera = three.camera as PerspectiveCamera;
    const target = view === 'top' ? 1 : 0;
    if (stage.topness !== target) {
      const next = MathUtils.damp(stage.topness, target, 1 / viewTime, Math.min(delta, 0.1));
      stage.topness = smooth && Math.abs(next - target) > 0.002 ? next : target;
      invalidate();
    }
    if (state.swinging) {
      state.slow = delta > slowFrame ? state.slow + 1 : Math.max(state.slow - 1, 0);
      if (state.slow > slowFrames) state.swinging = false;
      state.swingTime += Math.min(delta, 0.1);
      void controller.rotateAzimuthTo(
        state.home.azimuth + swing.amplitude * Math.sin(swing.rate * state.swingTime),
        false,
      );
      controller.update(0);
      invalidate();
    }
    const { perspective, top } = state.frames;
    const shiftX = MathUtils.lerp(perspective.shiftX, top.shiftX, stage.topness);
    const shiftY = MathUtils.lerp(perspective.shiftY, top.shiftY, stage.topness);
    blendProjection(camera, stage.topness, controller.distance, shiftX, shiftY);
    camera.updateMatrixWorld();
    stage.projector.update(camera, three.size.width, three.size.height);
    stage.uniforms.uViewport.value.set(three.size.width, three.size.height);
    stage.uniforms.uPixelRatio.value = three.viewport.dpr;
    keyLight(controller.azimuthAngle, stage.uniforms.uLight.value);
    stage.uniforms.uRelief.value = MathUtils.lerp(1, 0.22, stage.topness);
  }, -0.5);

  const time = smooth ? smoothTime : 0;
  return (
    <CameraControls
      ref={controls}
      makeDefault
      smoothTime={time}
      draggingSmoothTime={smooth ? 0.08 : 0}
      minDistance={0.6}
      maxDistance={9}
      maxPolarAngle={polarRange.max}
      dollySpeed={0.6}
      boundaryFriction={0.2}
      onControlStart={() => {
        if (rig.current) rig.current.swinging = false;
      }}
      onControl={() => {
        if (!rig.current) return;
        rig.current.swinging = false;
        rig.current.zoomed = true;
      }}
    />
  );
}

interface RigState {
  /** The view last set up; null before the first. */
  view: SceneModel['view'] | null;
  frames: Record<SceneModel['view'], Framing>;
  /** Moved by hand: a new size keeps the distance. */
  zoomed: boolean;
  swinging: boolean;
  swingTime: number;
  /** Slow frames seen while swinging. */
  slow: number;
  home: View;
  /** The side was chosen for a surface, not for an empty box. */
  chosen: boolean;
  /** The perspective to come back to from the top view. */
  side: View;
  spherical: Spherical;
}

function newRig(swinging: boolean): RigState {
  return {
    view: null,
    frames: framesFor(640, 480, customary),
    zoomed: false,
    swinging,
    swingTime: 0,
    slow: 0,
    home: customary,
    chosen: false,
    side: { ...customary },
    spherical: new Spherical(),
  };
}

/** Seen across a corner the box is widest: from that distance it fits from every side. */
function framesFor(width: number, height: number, { polar }: View): RigState['frames'] {
  return {
    perspective: frameBox(Math.PI / 4, polar, fieldOfView, width, height, padding('perspective', width, height), false),
    top: frameBox(0, 0, fieldOfView, width, height, padding('top', width, height), true),
  };
}

/** Chooses the first view for a surface and the distance from which the box fits. */
function adoptHome(state: RigState, field: HeightField, width: number, height: number): void {
  state.home = clearestView(field, homeViews);
  state.side = { ...state.home };
  state.frames = framesFor(width, height, state.home);
}

function place(camera: CameraControlsImpl, state: RigState, view: SceneModel['view'], smooth: boolean): void {
  camera.setBoundary(limits);
  void camera.moveTo(...boxCentre, smooth);
  void camera.dollyTo(state.frames[view].distance, smooth);
  if (view === 'top') void camera.rotateTo(0, 0, smooth);
  else void camera.rotateTo(state.side.azimuth, state.side.polar, smooth);
}
