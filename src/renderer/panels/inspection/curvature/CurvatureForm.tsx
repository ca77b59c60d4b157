import { Activity } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { gaussNewtonAsFisher } from '../../../../shared/model/curvature';
import { executorChoiceSchema } from '../../../../shared/model/experiment';
import { curvatureMatrixSchema } from '../../../../shared/model/landscape';
import {
  curvatureIssues,
  fieldsOf,
  isNetwork,
  matricesOf,
  type NumberField,
  setCurvature,
  toggleMatrix,
  useCurvature,
} from '../../../state/curvature';
import { isRunning, type RunView } from '../../../state/runs';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/Field';
import { Segmented } from '../../../ui/Segmented';
import { Select } from '../../../ui/Select';
import { Switch } from '../../../ui/Switch';

interface CurvatureFormProps {
  run: RunView;
  large: boolean;
  onMeasure(): void;
}

/** Where, of what and on which examples to measure. */
export function CurvatureForm({ run, large, onMeasure }: CurvatureFormProps) {
  const { t } = useTranslation();
  const { options, busy } = useCurvature();
  const issues = curvatureIssues(options);
  const { measurement } = options;
  const { objective } = run.info.experiment;
  const network = isNetwork(run);
  const number = (name: NumberField) => (
    <TextField
      key={name}
      numeric
      label={t(`curvature.${name}`)}
      value={options[name]}
      {...(name === 'shift' && { placeholder: t('curvature.noShift') })}
      issue={issues.find(({ path }) => path === name) ?? null}
      onChange={(value) => setCurvature({ [name]: value })}
      onEnter={onMeasure}
    />
  );
  return (
    <div className={`curvature-options ${large ? 'large' : ''}`}>
      {measurement !== 'alongPath' && (
        <Segmented
          label={t('curvature.at')}
          value={options.at}
          options={[
            { value: 'final', label: t('curvature.final') },
            { value: 'playhead', label: t('curvature.playhead') },
          ]}
          onChange={(at) => setCurvature({ at })}
        />
      )}
      <div className="curvature-form">
        {fieldsOf[measurement].filter((name) => name !== 'shift').map(number)}
        <Button icon={Activity} disabled={busy || issues.length > 0 || isRunning(run)} onClick={onMeasure}>
          {t('curvature.measure')}
        </Button>
      </div>
      <details className="more-options">
        <summary>
          <span>{t('curvature.options')}</span>
          <span className="quiet">
            {[
              ...matricesOf(run, options).map((matrix) => t(`curvature.matrix.${matrix}`)),
              ...(network ? [t(`curvature.examplesKind.${options.examples}`)] : []),
            ].join(' · ')}
          </span>
        </summary>
        <div className="more-body">
          {measurement === 'spectrum' && number('shift')}
          {network && (
            <>
              <fieldset className="matrices">
                <legend className="field-label">{t('curvature.matrices')}</legend>
                {curvatureMatrixSchema.options.map((matrix) => (
                  <Switch
                    key={matrix}
                    label={t(`curvature.matrix.${matrix}`)}
                    checked={options.matrices.includes(matrix)}
                    onChange={() => toggleMatrix(matrix)}
                  />
                ))}
              </fieldset>
              {objective.kind === 'network' && options.matrices.includes('gaussNewton') && (
                <p className="hint">{t(`curvature.asFisher.${gaussNewtonAsFisher(objective.model.loss)}`)}</p>
              )}
              {options.matrices.includes('empiricalFisher') && <p className="hint">{t('curvature.empiricalHint')}</p>}
              <Select
                label={t('curvature.examples')}
                value={options.examples}
                options={(['full', 'random', 'batches'] as const).map((value) => ({
                  value,
                  label: t(`curvature.examplesKind.${value}`),
                }))}
                onChange={(examples) => setCurvature({ examples })}
              />
              {options.examples === 'random' && number('subsetExamples')}
              {options.examples === 'batches' && (
                <div className="field-row">
                  {number('batches')}
                  {number('batchSize')}
                </div>
              )}
            </>
          )}
          <div className="field-row">
            {number('seed')}
            {network && (
              <Select
                label={t('training.executor')}
                value={options.executor}
                options={executorChoiceSchema.options.map((value) => ({
                  value,
                  label: value === 'auto' ? t('training.auto') : value,
                }))}
                onChange={(executor) => setCurvature({ executor })}
              />
            )}
          </div>
        </div>
      </details>
    </div>
  );
}
