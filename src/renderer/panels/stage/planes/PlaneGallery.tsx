import { CircleAlert, CircleDashed } from 'lucide-react';
import { useEffect, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '../../../../shared/contract';
import type { FieldIssue } from '../../../state/compile';
import { loadKeptConnections } from '../../../state/connect';
import { planeKinds } from '../../../state/planeChoice';
import { type PlanePreview, usePlanePreviews, watchPlanePreviews } from '../../../state/planePreviews';
import { issueWords } from '../../../ui/Field';
import { formatNumber, formatPercent } from '../../../ui/format';
import { PlaneThumbnail } from './PlaneThumbnail';
import { usePlaneForm } from './usePlaneForm';

/** Every kind of plane with a small surface of it, one of them chosen: radio buttons drawn as cards. */
export function PlaneGallery() {
  const { t } = useTranslation();
  const { options, choose } = usePlaneForm();
  const previews = usePlanePreviews((state) => state.previews);
  const name = useId();
  useEffect(() => {
    void loadKeptConnections();
    return watchPlanePreviews();
  }, []);
  return (
    <fieldset className="plane-gallery">
      <legend className="visually-hidden">{t('plane.title')}</legend>
      {planeKinds.map((kind) => (
        <label
          key={kind}
          className={`plane-card ${kind === options.plane ? 'chosen' : ''}`}
          data-plane={kind}
          data-state={previews[kind]?.state}
        >
          <input
            type="radio"
            className="visually-hidden"
            name={name}
            value={kind}
            checked={kind === options.plane}
            aria-describedby={`${name}-${kind}`}
            onChange={() => choose({ plane: kind })}
          />
          <span className="plane-picture">
            <Picture preview={previews[kind]} />
          </span>
          <span className="plane-name">{t(`plane.name.${kind}`)}</span>
          <span className="plane-fact" id={`${name}-${kind}`}>
            <Fact preview={previews[kind]} />
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Picture({ preview }: { preview: PlanePreview | undefined }) {
  const { t } = useTranslation();
  if (preview?.surface) return <PlaneThumbnail surface={preview.surface} plane={preview.plane} />;
  if (preview?.issue && isMissing(preview.issue)) return <CircleDashed aria-hidden className="icon quiet" />;
  if (preview?.state === 'failed') return <CircleAlert aria-hidden className="icon" />;
  if (preview?.state !== 'making') return null;
  const { progress } = preview;
  return (
    <progress
      aria-label={t(`progress.${progress?.label ?? 'projecting'}`)}
      {...(progress && progress.total > 0 && { value: progress.done / progress.total, max: 1 })}
    />
  );
}

/** Nothing wrong: a file or a curve is still to be chosen. */
const isMissing = ({ key }: FieldIssue): boolean => key === 'noFile' || key === 'noConnection';

/** What is told of a plane beside its picture: how much of the path it holds, or why it cannot be had. */
function Fact({ preview }: { preview: PlanePreview | undefined }) {
  const { t } = useTranslation();
  if (!preview) return null;
  const { plane, issue, error, state } = preview;
  if (issue || error) {
    const { message, cure } = issue ? issueWords(t, issue) : (error as AppError);
    return (
      <span className={issue && isMissing(issue) ? 'missing' : 'issue'} title={`${message} ${cure ?? ''}`}>
        {message} {cure}
      </span>
    );
  }
  if (!plane) return t(`plane.preview.${state === 'making' ? 'making' : 'waiting'}`);
  const facts: string[] = [];
  if (plane.explainedVarianceRatio) {
    const [first, second] = plane.explainedVarianceRatio;
    facts.push(t('plane.preview.explained', { share: formatPercent(first + second) }));
  }
  if (plane.eigenvalues) {
    const [first, second] = plane.eigenvalues.map(({ value }) => formatNumber(value, 3));
    facts.push(t('plane.preview.eigenvalues', { first, second }));
  }
  return facts.join(' · ');
}
