export interface WebGlSupport {
  available: boolean;
  /** Drawn by the CPU: no antialiasing, no extra pixels. */
  software: boolean;
}

let known: WebGlSupport | null = null;

/** Whether WebGL 2 can be had, found out once with a context that is given back at once. */
export function webGlSupport(): WebGlSupport {
  known ??= probe();
  return known;
}

function probe(): WebGlSupport {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return { available: false, software: false };
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { available: true, software: /swiftshader|llvmpipe|software|basic render/i.test(renderer) };
}
