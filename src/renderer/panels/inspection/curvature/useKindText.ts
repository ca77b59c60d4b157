import { useTranslation } from 'react-i18next';
import type { Spectrum } from '../../../../shared/model/landscape';
import { formatInteger, formatNumber } from '../../../ui/format';

/** What the point is called. */
export function useKindText(): (spectrum: Spectrum) => string {
  const { t } = useTranslation();
  return ({ kind, index, gradientNorm }) => {
    if (kind === 'notCritical') return t('kind.notCritical', { norm: formatNumber(gradientNorm, 3) });
    if (kind === 'saddle') return t('kind.saddle', { index: index === null ? '?' : formatInteger(index) });
    return t(`kind.${kind}`);
  };
}
