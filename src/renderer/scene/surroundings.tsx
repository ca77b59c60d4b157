import { type RootState, useThree } from '@react-three/fiber';
import {
  type CSSProperties,
  type Ref,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useSyncExternalStore,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { RigHandle } from './CameraRig';
import type { Playhead, SceneControls, SceneModel } from './model';
import { scenePalette } from './palette';

/** What the landscape and the volume have around their canvases. */

/** In place of a scene that cannot be drawn. */
export function NoWebGl({ theme }: { theme: SceneModel['theme'] }) {
  const { t } = useTranslation();
  return (
    <div className="scene" style={themeStyle(theme)}>
      <div className="scene-message" role="alert">
        <p>
          <strong>{t('scene.noWebGl')}</strong>
        </p>
        <p>{t('scene.noWebGlCure')}</p>
      </div>
    </div>
  );
}

/** Hands the scene's internals to the component around it and watches the drawing context. */
export function SceneLink({
  three,
  onLost,
  onSize,
}: {
  three: RefObject<RootState | null>;
  onLost(lost: boolean): void;
  onSize(size: { width: number; height: number }): void;
}) {
  const state = useThree();
  const { gl, size, invalidate } = state;
  useEffect(() => {
    three.current = state;
    return () => {
      three.current = null;
    };
  }, [three, state]);
  useEffect(() => onSize({ width: size.width, height: size.height }), [onSize, size.width, size.height]);
  useEffect(() => {
    const canvas = gl.domElement;
    const lose = (event: Event): void => {
      // Without this the browser never restores the context.
      event.preventDefault();
      onLost(true);
    };
    const restore = (): void => {
      onLost(false);
      invalidate();
    };
    canvas.addEventListener('webglcontextlost', lose);
    canvas.addEventListener('webglcontextrestored', restore);
    return () => {
      canvas.removeEventListener('webglcontextlost', lose);
      canvas.removeEventListener('webglcontextrestored', restore);
    };
  }, [gl, onLost, invalidate]);
  return null;
}

export function themeStyle(theme: SceneModel['theme']): CSSProperties {
  const palette = scenePalette(theme);
  return {
    background: palette.background,
    color: palette.text,
    '--scene-background': palette.background,
    '--scene-frame': palette.frame,
    '--scene-muted-text': palette.mutedText,
  } as CSSProperties;
}

const motionQuery = '(prefers-reduced-motion: reduce)';
export function useReducedMotion(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(motionQuery);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia(motionQuery).matches,
  );
}

/** What a scene of either kind does for the interface around it, and gives back at its end. */
export function useSceneHandle({
  ref,
  rig,
  three,
  stage,
  playhead,
  capture,
}: {
  ref: Ref<SceneControls> | undefined;
  rig: RefObject<RigHandle | null>;
  three: RefObject<RootState | null>;
  stage: { dispose(): void };
  playhead: Playhead;
  /** The picture once it is drawn. */
  capture: SceneControls['capture'];
}): void {
  useEffect(() => () => stage.dispose(), [stage]);
  useEffect(() => playhead.subscribe(() => three.current?.invalidate()), [playhead, three]);
  useImperativeHandle(
    ref,
    () => ({
      resetView: () => rig.current?.reset(),
      orbit: (azimuth, elevation) => rig.current?.orbit(azimuth, elevation),
      zoom: (steps) => rig.current?.zoom(steps),
      capture,
    }),
    [rig, capture],
  );
}
