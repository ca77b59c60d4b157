import { useTranslation } from 'react-i18next';
import type { CurvatureMatrix } from '../../../../shared/model/landscape';
import { TableScroll } from './TableScroll';

interface FactTableProps<T extends { matrix: CurvatureMatrix }> {
  results: readonly T[];
  /** What a number is called, and the number of a result. */
  facts: readonly [string, (result: T) => string][];
}

/** Facts with one value, or one column for each matrix. */
export function FactTable<T extends { matrix: CurvatureMatrix }>({ results, facts }: FactTableProps<T>) {
  const { t } = useTranslation();
  const [first] = results;
  if (!first) return null;
  if (results.length === 1) {
    return (
      <dl className="fact-grid">
        {facts.map(([name, of]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{of(first)}</dd>
          </div>
        ))}
      </dl>
    );
  }
  return (
    <TableScroll label={t('curvature.inNumbers')}>
      <table className="eigenvalues">
        <thead>
          <tr>
            <td />
            {results.map(({ matrix }) => (
              <th key={matrix} scope="col">
                {t(`curvature.matrix.${matrix}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {facts.map(([name, of]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {results.map((result) => (
                <td key={result.matrix} className="stacked">
                  {of(result)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
