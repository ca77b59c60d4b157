import { BufferAttribute, BufferGeometry, Color, ShaderMaterial, Vector3 } from 'three';
import type { SharedUniforms } from './stage';

const vertexShader = /* glsl */ `
  uniform vec3 uAt;
  uniform vec2 uViewport;
  uniform float uRadius;
  uniform float uLift;
  varying vec2 vAt;
  void main() {
    vec4 view = modelViewMatrix * vec4(uAt, 1.0);
    vec4 clip = projectionMatrix * view;
    vec4 nearer = projectionMatrix * (view + vec4(0.0, 0.0, uLift, 0.0));
    vAt = position.xy * (uRadius + 1.5);
    gl_Position = vec4(clip.xy / clip.w + vAt / (0.5 * uViewport), nearer.z / nearer.w, 1.0);
  }
`;

/** A ball lit from the upper left inside a ring, both of constant size in pixels. */
const fragmentShader = /* glsl */ `
  uniform vec3 uColor;
  uniform vec3 uRing;
  uniform vec3 uCasing;
  uniform float uRadius;
  uniform float uPixelRatio;
  uniform float uOpacity;
  uniform float uHollow;
  varying vec2 vAt;
  float within(float distance, float radius) {
    return clamp((radius - distance) * uPixelRatio + 0.5, 0.0, 1.0);
  }
  void main() {
    float distance = length(vAt);
    float alpha = within(distance, uRadius);
    if (alpha < 0.02) discard;
    vec2 p = vAt / (uRadius - 3.0);
    vec3 normal = vec3(p, sqrt(max(1.0 - dot(p, p), 0.0)));
    float diffuse = max(dot(normal, normalize(vec3(-0.45, 0.6, 0.66))), 0.0);
    float gloss = pow(max(dot(normal, normalize(vec3(-0.25, 0.35, 0.9))), 0.0), 40.0);
    vec3 ball = uColor * (0.55 + 0.55 * diffuse) + vec3(0.55 * gloss);
    vec3 color = mix(uCasing, uRing, within(distance, uRadius - 1.0));
    float core = within(distance, uRadius - 2.9);
    color = mix(color, ball, core);
    alpha *= 1.0 - uHollow * core;
    gl_FragColor = vec4(color, alpha * uOpacity);
    #include <colorspace_fragment>
  }
`;

export function markerMaterial(shared: SharedUniforms, radius: number): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader,
    fragmentShader,
    transparent: true,
    depthWrite: false,
    uniforms: {
      uAt: { value: new Vector3() },
      uViewport: shared.uViewport,
      uPixelRatio: shared.uPixelRatio,
      uRadius: { value: radius },
      uLift: { value: 0.05 },
      uColor: { value: new Color() },
      uRing: { value: new Color() },
      uCasing: { value: new Color() },
      uOpacity: { value: 1 },
      uHollow: { value: 0 },
    },
  });
}

/** The square on which a marker is drawn. */
export function markerGeometry(): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]), 3));
  geometry.setIndex([0, 1, 2, 0, 2, 3]);
  return geometry;
}
