import { useFrame } from '@react-three/fiber';
import { type RefObject, useState } from 'react';
import type { SceneModel } from './model';
import { Overlay } from './overlay';
import type { Stage } from './stage';

interface OverlayViewProps {
  stage: Stage;
  model: SceneModel;
  canvas: RefObject<HTMLCanvasElement | null>;
}

/** Redraws the text canvas with every frame of the scene. */
export function OverlayView({ stage, model, canvas }: OverlayViewProps) {
  const [overlay] = useState(() => new Overlay());
  useFrame(({ camera, size, viewport }) => {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (!element || !ctx) return;
    const width = Math.round(size.width * viewport.dpr);
    const height = Math.round(size.height * viewport.dpr);
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
      overlay.font = getComputedStyle(element).fontFamily || 'sans-serif';
    }
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.setTransform(viewport.dpr, 0, 0, viewport.dpr, 0, 0);
    overlay.draw(ctx, stage, model, camera.position.x + 0.5, 0.5 - camera.position.z);
  });
  return null;
}
