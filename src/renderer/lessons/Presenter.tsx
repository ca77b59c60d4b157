import { Crosshair, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { setLaser, setPresenting, useLessons } from '../state/lessons';
import { IconButton } from '../ui/Button';

/** While a lesson is presented: the few things left of the chrome, and the laser pointer. */
export function Presenter() {
  const { t } = useTranslation();
  const presenting = useLessons((state) => state.presenting);
  const laser = useLessons((state) => state.laser);
  if (!presenting) return null;
  return (
    <>
      <div className="presenter-bar">
        <IconButton
          label={t('lessons.laser')}
          shortcut="L"
          side="top"
          icon={Crosshair}
          pressed={laser}
          onClick={() => setLaser(!laser)}
        />
        <IconButton
          label={t('lessons.leave')}
          shortcut="Esc"
          side="top"
          icon={X}
          onClick={() => setPresenting(false)}
        />
      </div>
      {laser && <Laser />}
    </>
  );
}

let lastPointer = { x: -100, y: -100 };

function Laser() {
  const dot = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = () => {
      if (dot.current) dot.current.style.transform = `translate(${lastPointer.x}px, ${lastPointer.y}px)`;
    };
    const follow = ({ clientX, clientY }: PointerEvent) => {
      lastPointer = { x: clientX, y: clientY };
      place();
    };
    place();
    addEventListener('pointermove', follow);
    document.documentElement.toggleAttribute('data-laser', true);
    return () => {
      removeEventListener('pointermove', follow);
      document.documentElement.toggleAttribute('data-laser', false);
    };
  }, []);
  return <div ref={dot} className="laser" aria-hidden />;
}
