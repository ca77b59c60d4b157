import { useFrame, useThree } from '@react-three/fiber';
import { type RefObject, useEffect, useState } from 'react';
import { typeScale } from '../ui/typeScale';
import type { SceneModel } from './model';
import { Overlay } from './overlay';
import type { Stage } from './stage';

interface OverlayViewProps {
  stage: Stage;
  model: SceneModel;
  canvas: RefObject<HTMLCanvasElement | null>;
}

/** Redraws the text canvas with every frame of the scene; what stands still is kept on a canvas of its own. */
export function OverlayView({ stage, model, canvas }: OverlayViewProps) {
  const [layer] = useState(newLayer);
  const invalidate = useThree((state) => state.invalidate);
  useEffect(() => {
    // Text drawn before its font arrived is drawn again.
    const redraw = (): void => {
      layer.projection = -1;
      invalidate();
    };
    document.fonts.addEventListener('loadingdone', redraw);
    return () => document.fonts.removeEventListener('loadingdone', redraw);
  }, [layer, invalidate]);
  // biome-ignore lint/correctness/useExhaustiveDependencies(model): marks are drawn here alone
  useEffect(() => invalidate(), [model, invalidate]);
  useFrame(({ camera, size }) => {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    const { scales, overlay } = layer;
    const scalesCtx = scales.getContext('2d');
    if (!element || !ctx || !scalesCtx) return;
    // Text is sharp even where the surface is drawn with fewer pixels.
    const dpr = Math.min(window.devicePixelRatio, 2);
    const width = Math.round(size.width * dpr);
    const height = Math.round(size.height * dpr);
    if (element.width !== width || element.height !== height) {
      for (const each of [element, scales]) {
        each.width = width;
        each.height = height;
      }
      layer.projection = -1;
      overlay.font = getComputedStyle(element).fontFamily || 'sans-serif';
      overlay.type = Math.max(typeScale(), 1);
    }
    if (layer.model !== model || layer.surface !== stage.revision || layer.projection !== stage.projector.revision) {
      layer.model = model;
      layer.surface = stage.revision;
      layer.projection = stage.projector.revision;
      clear(scalesCtx, dpr);
      overlay.drawScales(scalesCtx, stage, model, camera.position.x + 0.5, 0.5 - camera.position.z);
    }
    clear(ctx, 1);
    ctx.drawImage(scales, 0, 0);
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    overlay.drawMarkers(ctx, stage, model);
  });
  return null;
}

interface Layer {
  overlay: Overlay;
  /** Axes and levels as last drawn, and what they were drawn from. */
  scales: HTMLCanvasElement;
  model: SceneModel | null;
  surface: number;
  projection: number;
}

function newLayer(): Layer {
  return {
    overlay: new Overlay(),
    scales: document.createElement('canvas'),
    model: null,
    surface: -1,
    projection: -1,
  };
}

function clear(ctx: CanvasRenderingContext2D, scale: number): void {
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, ctx.canvas.width, ctx.canvas.height);
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
}
