import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { stageRuns } from '../../../state/landscape';
import { directionKinds, isTurned, type PlaneChoice } from '../../../state/planeChoice';
import { trackOf } from '../../../state/runs';
import { useTimeline } from '../../../state/timeline';
import { turnTo } from '../../../state/turning';
import { Button } from '../../../ui/Button';
import { IssueText, TextField } from '../../../ui/Field';
import { formatInteger } from '../../../ui/format';
import { Segmented } from '../../../ui/Segmented';
import { Select } from '../../../ui/Select';
import { EigenvectorField } from './EigenvectorField';
import { FileField } from './FileField';
import { PointField } from './PointField';
import { type PlaneForm, usePlaneForm } from './usePlaneForm';

/** Turns an axis toward a third direction and moves the origin along the path; the surface follows. */
export function TurnControls({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation();
  const form = usePlaneForm();
  const { options, choose } = form;
  return (
    <>
      <Slider
        label={t('plane.turn', { degrees: formatInteger(Number(options.turn)) })}
        min={-180}
        max={180}
        value={Number(options.turn)}
        disabled={disabled}
        onChange={(degrees) => turnTo({ turn: String(degrees) })}
      />
      <details className="more-options">
        <summary>
          <span>{t('plane.thirdDirection')}</span>
          <span className="quiet">{t(`plane.toward.${options.toward.kind}`)}</span>
        </summary>
        <div className="popover-form">
          <Toward form={form} />
          <Segmented
            showLabel
            label={t('plane.turnAxis')}
            value={options.turnAxis}
            options={[
              { value: 'first', label: t('plane.firstAxis') },
              { value: 'second', label: t('plane.secondAxis') },
            ]}
            onChange={(turnAxis) => choose({ turnAxis })}
          />
          <Origin form={form} disabled={disabled} />
        </div>
      </details>
      {isTurned(options) && (
        <Button size="small" disabled={disabled} onClick={() => choose({ turn: '0', turnOrigin: null })}>
          {t('plane.turnBack')}
        </Button>
      )}
    </>
  );
}

function Toward({ form: { options, issueOf, choose, type, enter } }: { form: PlaneForm }) {
  const { t } = useTranslation();
  const { toward } = options;
  const issue = issueOf('toward');
  const put = (change: Partial<PlaneChoice['toward']>) => ({ toward: { ...toward, ...change } });
  return (
    <>
      <Select
        label={t('plane.turnToward')}
        value={toward.kind}
        options={directionKinds.map((value) => ({ value, label: t(`plane.toward.${value}`) }))}
        issue={toward.kind === 'gradient' ? issue : null}
        onChange={(kind) => choose(put({ kind }))}
      />
      {toward.kind === 'random' && (
        <TextField
          numeric
          label={t('plane.seed')}
          value={toward.seed}
          issue={issue}
          onChange={(seed) => type(put({ seed }))}
          onEnter={enter}
        />
      )}
      {toward.kind === 'point' && (
        <PointField
          label={t('plane.toward.point')}
          value={toward.point}
          issue={issue}
          onChoose={(point) => choose(put({ point }))}
          onType={(point) => type(put({ point }))}
          onEnter={enter}
        />
      )}
      {toward.kind === 'eigenvector' && (
        <EigenvectorField
          label={t('plane.toward.eigenvector')}
          value={toward.eigenvector}
          issue={issue}
          onChoose={(eigenvector) => choose(put({ eigenvector }))}
          onType={(eigenvector) => type(put({ eigenvector }))}
          onEnter={enter}
        />
      )}
      {toward.kind === 'file' && (
        <FileField
          label={t('plane.toward.file')}
          value={toward.file}
          issue={issue}
          onChoose={(file) => choose(put({ file }))}
        />
      )}
    </>
  );
}

/** Where the plane has its origin, or at a recorded row of the first run. */
function Origin({ form: { options, runs, issueOf, choose }, disabled }: { form: PlaneForm; disabled: boolean }) {
  const { t } = useTranslation();
  const playhead = useTimeline((state) => state.readout);
  const { turnOrigin } = options;
  const rows = stageRuns()[0]?.rows ?? 0;
  const last = Math.max(rows - 1, 0);
  const row = turnOrigin ? Math.min(turnOrigin.at === 'end' ? last : Number(turnOrigin.row), last) : last;
  const moveTo = (wanted: number) => turnTo({ turnOrigin: { at: 'row', row: String(Math.min(wanted, last)) } });
  const issue = issueOf('turnOrigin');
  const track = runs[0] && trackOf(runs[0].runId);
  return (
    <>
      <Segmented
        showLabel
        label={t('plane.origin')}
        value={turnOrigin ? 'moved' : 'base'}
        options={[
          { value: 'base', label: t('plane.originBase') },
          { value: 'moved', label: t('plane.originMoved'), disabled },
        ]}
        onChange={(value) => choose({ turnOrigin: value === 'base' ? null : { at: 'row', row: String(last) } })}
      />
      {turnOrigin && (
        <>
          <Slider
            label={t('plane.originAt', { step: formatInteger(track?.metrics.step[row] ?? 0), row: formatInteger(row) })}
            min={0}
            max={last}
            value={row}
            disabled={disabled}
            onChange={moveTo}
          />
          <Button size="small" disabled={disabled} onClick={() => moveTo(playhead)}>
            {t('plane.row.playhead', { row: formatInteger(Math.min(playhead, last)) })}
          </Button>
        </>
      )}
      {issue && <IssueText issue={issue} id="turn-origin-issue" />}
    </>
  );
}

interface SliderProps {
  label: string;
  min: number;
  max: number;
  value: number;
  disabled: boolean;
  onChange(value: number): void;
}

function Slider({ label, min, max, value, disabled, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={1}
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </div>
  );
}
