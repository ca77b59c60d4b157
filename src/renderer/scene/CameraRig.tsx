import { CameraControls, CameraControlsImpl } from '@react-three/drei';
import { useFrame, useThree } from '@react-three/fiber';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { Box3, MathUtils, type PerspectiveCamera, Spherical, Vector3 } from 'three';
import { blendProjection, fitDistance, type Padding } from './cameraMath';
import type { SceneModel } from './model';
import type { Stage } from './stage';
import { keyLight } from './surfaceMaterial';
import { boxCentre } from './world';

export interface RigHandle {
  reset(): void;
  orbit(azimuthSteps: number, elevationSteps: number): void;
  zoom(steps: number): void;
}

interface CameraRigProps {
  stage: Stage;
  view: SceneModel['view'];
  /** No damping, no gentle turning, views change at once. */
  reducedMotion: boolean;
  ref?: Ref<RigHandle>;
}

export const fieldOfView = 28;
/** Where the viewer stands at first: a little to the left of the front, looking down. */
const home = { azimuth: -0.6, polar: 1.08 };
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
    right: sides.right * scale,
    top: sides.top * scale,
    bottom: sides.bottom * scale,
  };
}

/** Orbit, zoom, pan and the two views. Perspective fades out on the way to the top view. */
export function CameraRig({ stage, view, reducedMotion, ref }: CameraRigProps) {
  const controls = useRef<CameraControlsImpl>(null);
  const invalidate = useThree((state) => state.invalidate);
  const width = useThree((state) => state.size.width);
  const height = useThree((state) => state.size.height);
  const rig = useRef({
    placed: false,
    zoomed: false,
    swinging: !reducedMotion,
    swingTime: 0,
    slow: 0,
    shiftX: 0,
    shiftY: 0,
    /** The perspective to come back to from the top view. */
    side: { azimuth: home.azimuth, polar: home.polar },
    fit: 3,
    spherical: new Spherical(),
  });
  const smooth = !reducedMotion;

  useEffect(() => {
    if (reducedMotion) rig.current.swinging = false;
  }, [reducedMotion]);

  useEffect(() => {
    const camera = controls.current;
    if (!camera) return;
    const state = rig.current;
    camera.normalizeRotations();
    if (view === 'top') {
      state.swinging = false;
      if (state.placed) {
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
    state.zoomed = false;
    place(camera, state, view, width, height, state.placed && smooth);
    if (!state.placed || !smooth) stage.topness = view === 'top' ? 1 : 0;
    state.placed = true;
    invalidate();
    // biome-ignore lint/correctness/useExhaustiveDependencies: a new size is handled below, without a new view
  }, [view, smooth, stage, invalidate]);

  useEffect(() => {
    const camera = controls.current;
    const state = rig.current;
    if (!camera || !state.placed) return;
    fit(state, view, width, height);
    if (!state.zoomed) void camera.dollyTo(state.fit, false);
    invalidate();
  }, [view, width, height, invalidate]);

  useImperativeHandle(
    ref,
    () => ({
      reset() {
        const camera = controls.current;
        if (!camera) return;
        const state = rig.current;
        state.swinging = false;
        state.zoomed = false;
        state.side.azimuth = home.azimuth;
        state.side.polar = home.polar;
        camera.normalizeRotations();
        place(camera, state, view, width, height, smooth);
        invalidate();
      },
      orbit(azimuthSteps, elevationSteps) {
        const camera = controls.current;
        if (!camera) return;
        rig.current.swinging = false;
        if (view === 'top') void camera.truck(azimuthSteps * 0.06, -elevationSteps * 0.06, smooth);
        else void camera.rotate(azimuthSteps * orbitStep, -elevationSteps * orbitStep, smooth);
        invalidate();
      },
      zoom(steps) {
        const camera = controls.current;
        if (!camera) return;
        rig.current.swinging = false;
        rig.current.zoomed = true;
        const distance = camera.getSpherical(rig.current.spherical, true).radius;
        void camera.dollyTo(distance / zoomStep ** steps, smooth);
        invalidate();
      },
    }),
    [view, width, height, smooth, invalidate],
  );

  // After the controls (−1), before everything that reads the camera (0).
  useFrame((three, delta) => {
    const controller = controls.current;
    if (!controller) return;
    const state = rig.current;
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
      void controller.rotateAzimuthTo(home.azimuth + swing.amplitude * Math.sin(swing.rate * state.swingTime), false);
      controller.update(0);
      invalidate();
    }
    blendProjection(camera, stage.topness, controller.distance, state.shiftX, state.shiftY);
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
        rig.current.swinging = false;
      }}
      onControl={() => {
        rig.current.swinging = false;
        rig.current.zoomed = true;
      }}
    />
  );
}

interface RigState {
  side: { azimuth: number; polar: number };
  fit: number;
  shiftX: number;
  shiftY: number;
}

/** Distance and shift at which the box fills the canvas. */
function fit(state: RigState, view: SceneModel['view'], width: number, height: number): void {
  const sides = padding(view, width, height);
  state.fit =
    view === 'top'
      ? fitDistance(0, 0, fieldOfView, width, height, sides, true)
      : fitDistance(Math.PI / 4, home.polar, fieldOfView, width, height, sides, false);
  state.shiftX = (sides.left - sides.right) / width;
  state.shiftY = (sides.bottom - sides.top) / height;
}

function place(
  camera: CameraControlsImpl,
  state: RigState,
  view: SceneModel['view'],
  width: number,
  height: number,
  smooth: boolean,
): void {
  fit(state, view, width, height);
  camera.setBoundary(limits);
  void camera.moveTo(...boxCentre, smooth);
  void camera.dollyTo(state.fit, smooth);
  if (view === 'top') void camera.rotateTo(0, 0, smooth);
  else void camera.rotateTo(state.side.azimuth, state.side.polar, smooth);
}
