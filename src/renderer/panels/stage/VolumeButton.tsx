import { Boxes } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLandscape } from '../../state/landscape';
import { toggleVolume, useVolume } from '../../state/volume';
import { IconButton } from '../../ui/Button';

/** Enters and leaves the view along three directions. */
export function VolumeButton() {
  const { t } = useTranslation();
  const open = useVolume((state) => state.open);
  const possible = useLandscape(({ objective, surface, live }) => objective?.kind === 'network' && surface && !live);
  const two = useLandscape(({ objective }) => objective !== null && objective.kind !== 'network');
  return (
    <IconButton
      label={t(two ? 'volume.twoOnly' : 'volume.title')}
      shortcut="V"
      icon={Boxes}
      pressed={open}
      disabled={!possible}
      onClick={toggleVolume}
    />
  );
}
