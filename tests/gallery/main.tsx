import i18next from 'i18next';
import { StrictMode, useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { initReactI18next } from 'react-i18next';
import { Landscape } from '../../src/renderer/scene';
import type { HoverProbe, SceneControls, SceneModel } from '../../src/renderer/scene/model';
import { FakePlayhead, type FixtureName, fixture } from './fixtures';
import './gallery.css';

declare global {
  interface Window {
    /** What the tests hold on to. */
    gallery: {
      playhead: FakePlayhead;
      controls: SceneControls | null;
      hover: HoverProbe | null;
      picks: [number, number][];
      change(change: Partial<SceneModel>): void;
    };
  }
}

const query = new URLSearchParams(location.search);
void i18next.use(initReactI18next).init({
  lng: 'en',
  initAsync: false,
  resources: {
    en: {
      translation: {
        scene: {
          name: '{{name}} over {{x}} and {{y}}',
          keys: 'Arrow keys orbit.',
          logTitle: '{{name}} (log)',
          cursorAt: 'x = {{x}}, y = {{y}}, loss = {{loss}}',
          cursorGap: 'No value here',
          noWebGl: 'WebGL 2 is not available',
          noWebGlCure: 'Switch on hardware acceleration or update the browser.',
          contextLost: 'The graphics card was reset; the landscape comes back by itself.',
        },
      },
    },
  },
  interpolation: { escapeValue: false },
});

const playhead = new FakePlayhead();
const name = (query.get('fixture') ?? 'himmelblau') as FixtureName;
const theme = query.get('theme') === 'light' ? 'light' : 'dark';
const first = fixture(name, theme, query.get('view') === 'top' ? 'top' : 'perspective');
playhead.current = first.row;

function Gallery() {
  const [model, setModel] = useState(first.model);
  const controls = useRef<SceneControls>(null);
  const handlers = useMemo(
    () => ({
      onHover: (probe: HoverProbe | null) => {
        window.gallery.hover = probe;
      },
      onPick: (x: number, y: number) => {
        window.gallery.picks.push([x, y]);
      },
    }),
    [],
  );
  useEffect(() => {
    window.gallery.controls = controls.current;
  });
  window.gallery.change = (change) => setModel((before) => ({ ...before, ...change }));
  return <Landscape ref={controls} model={model} playhead={playhead} handlers={handlers} />;
}

window.gallery = { playhead, controls: null, hover: null, picks: [], change: () => undefined };
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Gallery />
  </StrictMode>,
);
