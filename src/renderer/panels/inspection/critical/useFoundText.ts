import { useTranslation } from 'react-i18next';
import type { FoundCriticalPoint, MorseIndex } from '../../../../shared/model/critical';
import { formatInteger, formatNumber } from '../../../ui/format';

/** What a search arrived at, in a line. */
export function useFoundText(): (point: FoundCriticalPoint) => string {
  const { t } = useTranslation();
  const indexText = useIndexText();
  return ({ outcome, index, flatness }) => {
    if (outcome === 'converged') return indexText(index);
    return t(`critical.outcome.${outcome}`, { flatness: formatNumber(flatness, 2) });
  };
}

/** The kind of a point with its index; flat directions are told apart from it. */
export function useIndexText(): (index: MorseIndex) => string {
  const { t } = useTranslation();
  return ({ kind, negative, zero, indexKnown }) => {
    const values = { index: formatInteger(negative), flat: formatInteger(zero ?? 0) };
    const name =
      kind === 'saddle' || kind === 'degenerate'
        ? t(indexKnown ? 'critical.withIndex' : 'critical.withIndexAtLeast', {
            kind: t(`critical.kindName.${kind}`),
            index: values.index,
          })
        : t(`critical.kindName.${kind}`);
    return zero ? t('critical.withFlat', { name, count: zero, flat: values.flat }) : name;
  };
}
