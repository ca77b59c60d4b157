import { BackSide, Color, type DataTexture, DoubleSide, FrontSide, ShaderMaterial, type Side, Vector3 } from 'three';
import type { SharedUniforms } from '../stage';

/** Both cut what they draw to a box in world units. */
const vertexShader = /* glsl */ `
  varying vec3 vPosition;
  varying vec3 vNormal;
  varying vec2 vUv;
  void main() {
    vPosition = position;
    vNormal = normal;
    vUv = uv;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  }
`;
const cut = /* glsl */ `
  uniform vec3 uFrom;
  uniform vec3 uTo;
  varying vec3 vPosition;
  void cutToBox() {
    if (any(lessThan(vPosition, uFrom)) || any(greaterThan(vPosition, uTo))) discard;
  }
`;

const isoFragment = /* glsl */ `
  uniform vec3 uColor;
  uniform float uOpacity;
  uniform vec3 uLight;
  varying vec3 vNormal;
  ${cut}
  void main() {
    cutToBox();
    vec3 toCamera = normalize(cameraPosition - vPosition);
    vec3 normal = normalize(vNormal);
    if (dot(normal, toCamera) < 0.0) normal = -normal;
    float diffuse = max(dot(normal, uLight), 0.0);
    float gloss = pow(max(dot(normal, normalize(uLight + toCamera)), 0.0), 40.0);
    vec3 color = uColor * (0.42 + 0.16 * normal.y + 0.6 * diffuse) + vec3(0.16 * gloss);
    // Seen along itself a skin is thicker.
    float edge = pow(1.0 - abs(dot(normal, toCamera)), 3.0);
    gl_FragColor = vec4(color, mix(uOpacity, 1.0, 0.55 * edge));
    #include <colorspace_fragment>
  }
`;

const sliceFragment = /* glsl */ `
  uniform sampler2D uImage;
  uniform float uOpacity;
  varying vec2 vUv;
  ${cut}
  void main() {
    cutToBox();
    vec4 texel = texture2D(uImage, vUv);
    if (texel.a < 0.5) discard;
    gl_FragColor = vec4(texel.rgb, uOpacity);
    #include <colorspace_fragment>
  }
`;

const box = () => ({ uFrom: { value: new Vector3(-1, -1, -1) }, uTo: { value: new Vector3(1, 1, 1) } });

/** One side of the isosurface: its inner side is painted before its outer one. */
export function isoMaterial({ uLight }: SharedUniforms, side: 'inner' | 'outer'): ShaderMaterial {
  const facing: Side = side === 'inner' ? BackSide : FrontSide;
  return new ShaderMaterial({
    ...{ vertexShader, fragmentShader: isoFragment, side: facing, transparent: true, depthWrite: false },
    uniforms: { ...box(), uLight, uColor: { value: new Color() }, uOpacity: { value: 1 } },
  });
}

export function sliceMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    ...{ vertexShader, fragmentShader: sliceFragment, side: DoubleSide, transparent: true, depthWrite: false },
    uniforms: { ...box(), uImage: { value: null as DataTexture | null }, uOpacity: { value: 1 } },
  });
}
