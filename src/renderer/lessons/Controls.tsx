import { Undo2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { LessonStep } from '../../shared/model/lesson';
import { useWords } from '../i18n/words';
import {
  numberAt,
  ownValue,
  parameterOf,
  resetControls,
  type StepState,
  setExperimentNumber,
  setParameter,
} from '../state/lessons';
import { Button } from '../ui/Button';
import { Segmented } from '../ui/Segmented';
import { Select } from '../ui/Select';
import { Switch } from '../ui/Switch';
import { Slider } from './Slider';

/** Things to drag and choose: parameters of the step's study, numbers of the stage's experiments. */
export function Controls({ step, own }: { step: LessonStep; own: StepState }) {
  const { t } = useTranslation();
  if (step.controls.length === 0) return null;
  const changed = Object.keys(own.parameters).length + Object.keys(own.experiments).length > 0;
  return (
    <section className="lesson-controls" aria-label={t('lessons.controls.title')}>
      <header>
        <h4>{t('lessons.controls.title')}</h4>
        <Button size="small" variant="ghost" icon={Undo2} disabled={!changed} onClick={resetControls}>
          {t('lessons.controls.reset')}
        </Button>
      </header>
      {step.controls.map((control) => (
        <Control key={keyOf(control)} step={step} own={own} control={control} />
      ))}
    </section>
  );
}

type LessonControl = LessonStep['controls'][number];

const keyOf = (control: LessonControl): string => ('parameter' in control ? control.parameter : control.experiment);

function Control({ step, own, control }: { step: LessonStep; own: StepState; control: LessonControl }) {
  const words = useWords();
  if ('experiment' in control) {
    const { experiment: path, label, min, max, log } = control;
    return (
      <Slider
        label={words(label)}
        value={own.experiments[path] ?? numberAt(step, path)}
        {...{ min, max, log }}
        integer={false}
        onChange={(value) => setExperimentNumber(path, value)}
      />
    );
  }
  const name = control.parameter;
  const parameter = step.study && parameterOf(step.study.name, name);
  if (!parameter) return null;
  const label = words(parameter.label);
  const value = name in own.parameters ? own.parameters[name] : ownValue(step, name);
  switch (parameter.kind) {
    case 'number':
    case 'integer':
      return (
        <Slider
          label={label}
          value={Number(value)}
          min={control.min ?? parameter.min}
          max={control.max ?? parameter.max}
          log={control.log ?? parameter.log}
          integer={parameter.kind === 'integer'}
          onChange={(next) => setParameter(name, next)}
        />
      );
    case 'boolean':
      return <Switch label={label} checked={value === true} onChange={(next) => setParameter(name, next)} />;
    case 'choice': {
      const options = parameter.choices.map((choice, i) => ({
        value: choice,
        label: parameter.names?.[i] ? words(parameter.names[i]) : choice,
      }));
      const common = { label, value: String(value), options, onChange: (next: string) => setParameter(name, next) };
      return options.length <= 3 ? <Segmented showLabel {...common} /> : <Select {...common} />;
    }
    case 'numbers':
    case 'experiments':
      // Nothing one could drag.
      return null;
    default:
      return parameter satisfies never;
  }
}
