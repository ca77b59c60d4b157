import { Color, DoubleSide, ShaderMaterial, type Texture, type Vector3 } from 'three';
import { levelTableSize } from './contourTable';
import type { SharedUniforms } from './stage';
import { boxHeight, floorLevel } from './world';

const vertexShader = /* glsl */ `
  uniform float uFlat;
  varying float vHeight;
  varying vec3 vNormal;
  varying vec3 vPosition;
  void main() {
    vHeight = position.y;
    vNormal = normal;
    vec3 world = vec3(position.x, mix(position.y, ${floorLevel.toFixed(3)}, uFlat) * ${boxHeight.toFixed(3)}, position.z);
    vPosition = world;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(world, 1.0);
  }
`;

/**
 * Coverage (0 to 1) of the pixel by the nearest iso-line, and that line's level. The table holds for each height the
 * nearest level, its weight and its distance to the next one: one look-up instead of a loop over the levels.
 */
const contourLines = /* glsl */ `
  uniform highp sampler2D uLevels;
  uniform float uPixelRatio;
  uniform float uCell;
  vec2 contour(float height, vec2 place, float width) {
    vec4 level = texelFetch(uLevels, ivec2(int(clamp(height, 0.0, 1.0) * ${levelTableSize - 1}.0 + 0.5), 0), 0);
    float rise = fwidth(height);
    float slope = max(rise, 1e-7);
    float halfWidth = 0.5 * uPixelRatio * width * (0.8 + 0.9 * level.g);
    float coverage = clamp(halfWidth + 0.5 - abs(height - level.r) / slope, 0.0, 1.0) * (0.72 + 0.28 * level.g);
    // Where a height rises by less than its rounding from pixel to pixel, which side of a level it is on is noise.
    coverage *= smoothstep(2e-6, 8e-6, rise);
    // Lines fade instead of clotting where they would touch each other, and where the mesh is too coarse to tell them
    // apart.
    float pixels = level.b / (slope * uPixelRatio);
    vec2 step = fwidth(place);
    float cells = level.b / (slope * uCell) * max(step.x, step.y);
    return vec2(coverage * smoothstep(1.5, 6.0, pixels) * smoothstep(0.25, 0.6, cells), level.r);
  }
`;

const surfaceFragment = /* glsl */ `
  uniform sampler2D uColors;
  uniform vec3 uLight;
  uniform float uRelief;
  uniform float uContours;
  #ifdef CLIPPED
  uniform vec2 uClip;
  #endif
  varying float vHeight;
  varying vec3 vNormal;
  varying vec3 vPosition;
  ${contourLines}
  void main() {
    vec3 base = texture2D(uColors, vec2(vHeight * (255.0 / 256.0) + 0.5 / 256.0, 0.5)).rgb;
    vec3 normal = normalize(vNormal);
    vec3 toCamera = normalize(cameraPosition - vPosition);
    // From below the surface is a ceiling: same colours, darker.
    float under = gl_FrontFacing ? 1.0 : 0.72;
    float diffuse = max(dot(normal, uLight), 0.0);
    float sky = 0.5 + 0.5 * normal.y;
    float gloss = pow(max(dot(normal, normalize(uLight + toCamera)), 0.0), 48.0);
    float shade = mix(1.0, (0.30 + 0.20 * sky + 0.66 * diffuse) * under, uRelief);
    vec3 color = base * shade + (0.035 + 0.3 * base) * gloss * smoothstep(0.5, 1.0, uRelief) * under;
    if (uContours > 0.0) {
      float luminance = dot(base, vec3(0.2126, 0.7152, 0.0722));
      float bright = smoothstep(0.13, 0.19, luminance);
      vec3 ink = vec3(1.0 - bright);
      float strength = mix(0.36, 0.5, bright);
      color = mix(color, ink, contour(vHeight, vPosition.xz, 1.0).x * strength * uContours);
    }
    #ifdef CLIPPED
    // What is cut flat is hatched: its height is not a loss.
    float cut = max(uClip.y * step(0.9995, vHeight), uClip.x * step(vHeight, 0.0005));
    if (cut > 0.0) {
      float across = (vPosition.x + vPosition.z) * 44.0;
      float stripe = smoothstep(0.5 - fwidth(across), 0.5 + fwidth(across), abs(fract(across) * 2.0 - 1.0));
      float dark = smoothstep(0.13, 0.19, dot(base, vec3(0.2126, 0.7152, 0.0722)));
      color = mix(color, vec3(1.0 - dark), 0.3 * stripe);
    }
    #endif
    gl_FragColor = vec4(color, 1.0);
    #include <colorspace_fragment>
  }
`;

const floorFragment = /* glsl */ `
  uniform sampler2D uColors;
  uniform vec3 uFloorColor;
  uniform float uFloorMix;
  varying float vHeight;
  varying vec3 vPosition;
  ${contourLines}
  void main() {
    vec2 line = contour(vHeight, vPosition.xz, 1.4);
    if (line.x < 0.02) discard;
    vec3 color = texture2D(uColors, vec2(line.y * (255.0 / 256.0) + 0.5 / 256.0, 0.5)).rgb;
    gl_FragColor = vec4(mix(color, uFloorColor, uFloorMix), line.x);
    #include <colorspace_fragment>
  }
`;

/** Lit, coloured by height through a 256-entry texture, with iso-lines drawn per pixel. */
export function surfaceMaterial(shared: SharedUniforms): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader,
    fragmentShader: surfaceFragment,
    side: DoubleSide,
    uniforms: {
      uFlat: { value: 0 },
      uColors: { value: null as Texture | null },
      uContours: { value: 1 },
      uLight: shared.uLight,
      uRelief: shared.uRelief,
      uPixelRatio: shared.uPixelRatio,
      uLevels: shared.uLevels,
      uCell: shared.uCell,
      uClip: shared.uClip,
    },
  });
}

/** The same iso-lines on the floor of the box, in the colours of their levels. */
export function floorContourMaterial(shared: SharedUniforms): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader,
    fragmentShader: floorFragment,
    side: DoubleSide,
    transparent: true,
    depthWrite: false,
    uniforms: {
      uFlat: { value: 1 },
      uColors: { value: null as Texture | null },
      uFloorColor: { value: new Color() },
      uFloorMix: { value: 0.15 },
      uPixelRatio: shared.uPixelRatio,
      uLevels: shared.uLevels,
      uCell: shared.uCell,
    },
  });
}

/** Direction of the key light for a camera at this azimuth: from the viewer's upper left. */
export function keyLight(azimuth: number, out: Vector3): Vector3 {
  const angle = azimuth - 0.95;
  return out.set(Math.sin(angle) * 0.72, 0.78, Math.cos(angle) * 0.72).normalize();
}

/** The hatching of cut heights is compiled only where there are some: software drawing pays for every line. */
export function setClipped(material: ShaderMaterial, isClipped: boolean): void {
  if ('CLIPPED' in material.defines === isClipped) return;
  if (isClipped) material.defines.CLIPPED = '';
  else delete material.defines.CLIPPED;
  material.needsUpdate = true;
}
