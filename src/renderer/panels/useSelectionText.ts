import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../shared/math/executorText';
import type { ExecutorSelection } from '../../shared/model/executors';
import { inWords } from '../i18n/said';

/** Values of `selection.passedOver`. */
export const passedOverInWords = ({ executor, reason, said }: ExecutorSelection['passedOver'][number]) => ({
  executor,
  // The message ends in a full stop of its own where it is a sentence.
  reason: inWords(said, 'text', reason).replace(/\.$/, ''),
});

/** Why an executor was chosen, in words. */
export function useSelectionText(): (selection: ExecutorSelection) => string {
  const { t } = useTranslation();
  return ({ by, per, estimates: [first, ...others], passedOver }) => {
    const reason = ((): string => {
      if (by === 'asked' || by === 'preferred') return t(`selection.${by}`);
      if (!first) return t('selection.only');
      const slower = others.map(({ executor, seconds }) => `, ${executor} ${formatDuration(seconds, 2)}`).join('');
      return t(`selection.${by}`, {
        time: formatDuration(first.seconds, 2),
        per: t(`selection.per.${per}`),
        others: slower,
      });
    })();
    return [reason, ...passedOver.map((one) => t('selection.passedOver', passedOverInWords(one)))].join(' ');
  };
}
