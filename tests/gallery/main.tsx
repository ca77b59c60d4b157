import { StrictMode, useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import '../../src/renderer/i18n';
import { Landscape } from '../../src/renderer/scene';
import type { HoverProbe, SceneControls } from '../../src/renderer/scene/model';
import { FakePlayhead, type FixtureName, fixture } from './fixtures';
import './gallery.css';

const query = new URLSearchParams(location.search);
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
      onPickMark: (id: string) => {
        window.gallery.pickedMarks.push(id);
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

window.gallery = {
  playhead,
  controls: null,
  hover: null,
  picks: [],
  pickedMarks: [],
  setCount: (rows) => {
    for (const path of first.model.paths) path.count = { current: rows };
  },
  change: () => undefined,
  refine: () => {
    const { surface } = first.model;
    if (!surface) return;
    for (let k = 0; k < surface.loss.length; k++) surface.loss[k] = Math.sqrt(surface.loss[k] as number);
    window.gallery.change({ surface: { ...surface, version: surface.version + 1 } });
  },
};
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Gallery />
  </StrictMode>,
);
