import { useTranslation } from 'react-i18next';
import { announce } from '../../../state/notices';
import { raceFairly } from '../../../state/race';

/** Races the form's optimizers and says who came first. */
export function useRacing(): () => Promise<void> {
  const { t } = useTranslation();
  return async () => {
    const made = await raceFairly();
    const winner = made?.race.entrants.findIndex(({ rank }) => rank === 1) ?? -1;
    if (made) announce(winner < 0 ? t('race.nobody') : t('race.announce', { label: made.entrants[winner]!.label }));
  };
}
