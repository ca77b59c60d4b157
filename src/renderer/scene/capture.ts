import type { RootState } from '@react-three/fiber';
import type { LossTick } from '../../shared/math/ticks';
import { colorBarBox, drawColorBar } from './colorBar';
import type { SceneModel } from './model';
import { scenePalette } from './palette';

/** The picture as it stands, text and colour bar included, as PNG. */
export async function captureScene(
  three: RootState,
  text: HTMLCanvasElement,
  ticks: readonly LossTick[],
  model: SceneModel,
  title: string,
): Promise<Uint8Array> {
  const { gl, scene, camera, size, viewport } = three;
  const picture = document.createElement('canvas');
  picture.width = gl.domElement.width;
  picture.height = gl.domElement.height;
  const ctx = picture.getContext('2d');
  if (!ctx) throw new Error('no 2D canvas to draw the picture on');
  // The drawing buffer is only defined until control returns to the browser: render and copy in one go.
  gl.render(scene, camera);
  ctx.drawImage(gl.domElement, 0, 0);
  ctx.drawImage(text, 0, 0, picture.width, picture.height);
  ctx.scale(viewport.dpr, viewport.dpr);
  drawColorBar(
    ctx,
    colorBarBox(size.width, size.height),
    model.colorMap,
    ticks,
    title,
    scenePalette(model.theme),
    getComputedStyle(text).fontFamily,
  );
  const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('the browser could not encode the picture');
  return new Uint8Array(await blob.arrayBuffer());
}
