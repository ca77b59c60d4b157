import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DynamicDrawUsage,
  InterleavedBuffer,
  InterleavedBufferAttribute,
  NormalBlending,
  ShaderMaterial,
  Vector2,
} from 'three';
import type { SharedUniforms } from './stage';
import { boxHeight, floorLevel } from './world';

/**
 * Lines of constant width in pixels through points (u, v, height, row), one ribbon per pair of neighbours; a row
 * below 0 separates stretches. Only the part with rows in [uRows.x, uRows.y] is drawn, cut to the fraction of a row.
 */
const vertexShader = /* glsl */ `
  attribute vec4 from;
  attribute vec4 to;
  uniform vec2 uViewport;
  uniform float uPixelRatio;
  uniform float uWidth;
  uniform vec2 uRows;
  uniform float uFlat;
  uniform float uLift;
  uniform float uCaps;
  varying vec2 vAt;
  varying float vLength;
  vec3 place(vec4 p) {
    return vec3(p.x - 0.5, mix(p.z, ${floorLevel.toFixed(3)}, uFlat) * ${boxHeight.toFixed(3)}, 0.5 - p.y);
  }
  vec3 project(vec4 view) {
    vec4 clip = projectionMatrix * view;
    // A little nearer to the eye than it is: the ribbon must not sink into the surface beside it.
    vec4 nearer = projectionMatrix * (view + vec4(0.0, 0.0, uLift, 0.0));
    return vec3(clip.xy / clip.w, nearer.z / nearer.w);
  }
  void main() {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    if (from.w < 0.0 || to.w < 0.0 || from.w > uRows.y || to.w < uRows.x) return;
    vec3 a = place(from);
    vec3 b = place(to);
    float rows = to.w - from.w;
    if (rows > 0.0) {
      vec3 start = a;
      vec3 end = b;
      a = mix(start, end, clamp((uRows.x - from.w) / rows, 0.0, 1.0));
      b = mix(start, end, clamp((uRows.y - from.w) / rows, 0.0, 1.0));
    }
    vec4 viewA = modelViewMatrix * vec4(a, 1.0);
    vec4 viewB = modelViewMatrix * vec4(b, 1.0);
    const float near = -0.06;
    if (viewA.z > near && viewB.z > near) return;
    if (viewA.z > near) viewA = mix(viewB, viewA, (near - viewB.z) / (viewA.z - viewB.z));
    if (viewB.z > near) viewB = mix(viewA, viewB, (near - viewA.z) / (viewB.z - viewA.z));
    vec3 ndcA = project(viewA);
    vec3 ndcB = project(viewB);
    vec2 along = (ndcB.xy - ndcA.xy) * 0.5 * uViewport;
    vLength = length(along);
    vec2 direction = vLength > 1e-4 ? along / vLength : vec2(1.0, 0.0);
    vec2 across = vec2(-direction.y, direction.x);
    float reach = 0.5 * uWidth + 1.0 / uPixelRatio;
    // Corners 0 to 3 of the ribbon: which end, which side.
    int corner = gl_VertexID % 4;
    float end = corner == 1 || corner == 2 ? 1.0 : 0.0;
    float side = corner > 1 ? 1.0 : -1.0;
    vAt = vec2(end * vLength + (2.0 * end - 1.0) * reach * uCaps, side * reach);
    vec3 ndc = mix(ndcA, ndcB, end);
    vec2 offset = direction * (2.0 * end - 1.0) * reach * uCaps + across * side * reach;
    // w = 1 keeps the varyings linear on the screen; depth is linear there by itself.
    gl_Position = vec4(ndc.xy + offset / (0.5 * uViewport), ndc.z, 1.0);
  }
`;

const fragmentShader = /* glsl */ `
  uniform vec3 uColor;
  uniform float uOpacity;
  uniform float uWidth;
  uniform float uPixelRatio;
  varying vec2 vAt;
  varying float vLength;
  void main() {
    float distance = length(vec2(vAt.x - clamp(vAt.x, 0.0, vLength), vAt.y));
    float alpha = clamp((0.5 * uWidth - distance) * uPixelRatio + 0.5, 0.0, 1.0);
    if (alpha < 0.02) discard;
    gl_FragColor = vec4(uColor, alpha * uOpacity);
    #include <colorspace_fragment>
  }
`;

export interface FatLineStyle {
  /** CSS pixels. */
  width: number;
  color?: Color;
  opacity?: number;
  /** Drawn on the floor instead of at the points' heights. */
  flat?: boolean;
  /** Round ends and joints (the default); without them translucent lines have no beads at their joints. */
  caps?: boolean;
  /** World units towards the eye. */
  lift?: number;
}

export function fatLineMaterial(shared: SharedUniforms, style: FatLineStyle): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader,
    fragmentShader,
    transparent: true,
    depthWrite: false,
    blending: NormalBlending,
    uniforms: {
      uViewport: shared.uViewport,
      uPixelRatio: shared.uPixelRatio,
      uWidth: { value: style.width },
      uColor: { value: style.color ?? new Color() },
      uOpacity: { value: style.opacity ?? 1 },
      uFlat: { value: style.flat ? 1 : 0 },
      uCaps: { value: style.caps === false ? 0 : 1 },
      uLift: { value: style.lift ?? 0 },
      uRows: { value: new Vector2(0, 1e30) },
    },
  });
}

/**
 * Geometry of fat lines; several meshes may share it. Every point is stored four times, once per corner of the ribbon
 * that starts at it, and the ribbon's end is read one point further on. Not instanced: software WebGL draws every
 * instance by itself, which costs more than the repetition.
 */
export class FatLineGeometry {
  geometry = new BufferGeometry();
  private buffer: InterleavedBuffer;
  private capacity = 0;

  constructor() {
    this.buffer = this.allocate(64);
    this.geometry.setDrawRange(0, 0);
  }

  /** Shows the first `length` points (four numbers each); those before `unchanged` are as they were at the last call. */
  setPoints(points: Float32Array, length: number, unchanged = 0): void {
    let first = unchanged;
    if (length > this.capacity) {
      this.geometry.dispose();
      this.buffer = this.allocate(Math.max(length, 2 * this.capacity));
      first = 0;
    }
    const array = this.buffer.array as Float32Array;
    for (let k = first; k < length; k++) {
      for (let corner = 0; corner < 4; corner++) {
        for (let c = 0; c < 4; c++) array[16 * k + 4 * corner + c] = points[4 * k + c]!;
      }
    }
    if (length > first) {
      this.buffer.addUpdateRange(16 * first, 16 * (length - first));
      this.buffer.needsUpdate = true;
    }
    this.geometry.setDrawRange(0, 6 * Math.max(length - 1, 0));
  }

  dispose(): void {
    this.geometry.dispose();
  }

  private allocate(capacity: number): InterleavedBuffer {
    this.capacity = capacity;
    const buffer = new InterleavedBuffer(new Float32Array(16 * capacity), 4).setUsage(DynamicDrawUsage);
    this.geometry.setAttribute('from', new InterleavedBufferAttribute(buffer, 4, 0));
    this.geometry.setAttribute('to', new InterleavedBufferAttribute(buffer, 4, 16));
    const index = new Uint32Array(6 * Math.max(capacity - 1, 0));
    for (let k = 0; k < capacity - 1; k++) index.set([4 * k, 4 * k + 1, 4 * k + 2, 4 * k, 4 * k + 2, 4 * k + 3], 6 * k);
    this.geometry.setIndex(new BufferAttribute(index, 1));
    return buffer;
  }
}
