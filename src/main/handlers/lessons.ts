import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { badInput, UserError, unknownName } from '../../shared/errors';
import { claimFailure } from '../../shared/math/claims';
import {
  type Lesson,
  type LessonCheck,
  type LessonInfo,
  type LessonStep,
  lessonTopics,
  type StepCheck,
} from '../../shared/model/lesson';
import type { UnreadableFile } from '../../shared/model/run';
import type { StudyResult } from '../../shared/model/study';
import { findStudy, studyValues } from '../engine/studies';
import type { ParsedLesson } from '../exchange/lesson';
import { type CallContext, type Handlers, toAppError } from '../router';
import type { Services } from '../services';
import { writeFileAtomic } from '../store/atomic';
import { conduct, runStudy } from './studies';

export function createLessonHandlers(
  services: Services,
): Pick<Handlers, 'lesson/list' | 'lesson/get' | 'lesson/source' | 'lesson/add' | 'lesson/check'> {
  const shipped = join(services.options.resourcesFolder, 'lessons');
  const own = join(services.options.dataFolder, 'lessons');

  async function find(name: string): Promise<string> {
    const files = [...(await lessonFiles(shipped)), ...(await lessonFiles(own))];
    const file = files.find((one) => nameOf(one) === name);
    if (!file) throw unknownName('lesson', name, files.map(nameOf));
    return file;
  }

  return {
    async 'lesson/list'() {
      const lessons: LessonInfo[] = [];
      const unreadable: UnreadableFile[] = [];
      for (const folder of [shipped, own]) {
        for (const file of await lessonFiles(folder)) {
          try {
            lessons.push(infoOf(await readLesson(file), folder === own));
          } catch (error) {
            const { message, cure } = toAppError(error);
            unreadable.push({ path: file, reason: [message, cure].filter(Boolean).join(' ') });
          }
        }
      }
      return { lessons: lessons.sort(byTopic), unreadable };
    },
    'lesson/get': async ({ name }) => readLesson(await find(name)),
    'lesson/source': async ({ name }) => ({ text: await readFile(await find(name), 'utf8') }),
    async 'lesson/add'({ name, bytes }) {
      if (extname(name).toLowerCase() !== '.md') {
        throw badInput(`"${name}" is not a lesson.`, 'A lesson is a Markdown file, NAME.md.');
      }
      const lesson = await parsed(name, new TextDecoder().decode(bytes));
      if ((await lessonFiles(shipped)).some((file) => nameOf(file) === lesson.name)) {
        throw badInput(`"${lesson.name}" is the name of a lesson that came with the app.`, 'Rename the file.');
      }
      await mkdir(own, { recursive: true });
      writeFileAtomic(join(own, `${lesson.name}.md`), bytes);
      return infoOf(lesson, true);
    },
    async 'lesson/check'(request, context) {
      const file = 'path' in request ? request.path : await find(request.name);
      return check(services, await readLesson(file), context);
    },
  };
}

const nameOf = (file: string): string => basename(file, extname(file));

const byTopic = (a: LessonInfo, b: LessonInfo): number =>
  lessonTopics.indexOf(a.topic) - lessonTopics.indexOf(b.topic) || a.name.localeCompare(b.name);

async function lessonFiles(folder: string): Promise<string[]> {
  try {
    const files = (await readdir(folder)).filter((file) => extname(file) === '.md');
    return files.sort().map((file) => join(folder, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const readLesson = async (file: string): Promise<Lesson> => parsed(file, await readFile(file, 'utf8'));

/** The parsers of Markdown and YAML are loaded with the first lesson: the window opens without them. */
async function parsed(file: string, text: string): Promise<Lesson> {
  const { parseLesson } = await import('../exchange/lesson');
  return checked(parseLesson(file, text), file);
}

const infoOf = ({ steps, ...lesson }: Lesson, isOwn: boolean): LessonInfo => ({
  ...lesson,
  steps: steps.length,
  own: isOwn,
});

/**
 * The lesson, once its studies and what it sets of them are known to exist.
 * @throws UserError (badInput) with the line
 */
function checked({ lesson, lineOf }: ParsedLesson, file: string): Lesson {
  for (const [i, { id, study, controls, claims, predict }] of lesson.steps.entries()) {
    const fail = (path: PropertyKey[], message: string, cure?: string) =>
      badInput(`${basename(file)}, line ${lineOf(['steps', i, ...path])}: step "${id}", ${message}`, cure);
    if (!study && (claims.length > 0 || predict)) {
      throw fail([predict ? 'predict' : 'claims'], 'a claim or prediction needs a study.', 'Give the step a study.');
    }
    for (const [c, control] of controls.entries()) {
      if ('parameter' in control ? study : true) continue;
      throw fail(['controls', c], 'the control sets a parameter, and there is no study.', 'Give the step a study.');
    }
    if (!study) continue;
    try {
      const definition = findStudy(study.name);
      studyValues(definition, study.parameters);
      for (const [c, control] of controls.entries()) {
        if (!('parameter' in control) || Object.hasOwn(definition.parameters, control.parameter)) continue;
        const known = Object.keys(definition.parameters).join(', ');
        throw fail(
          ['controls', c],
          `the study "${study.name}" has no parameter "${control.parameter}".`,
          `Known: ${known}.`,
        );
      }
    } catch (error) {
      if (!(error instanceof UserError) || error.message.startsWith(basename(file))) throw error;
      throw fail(['study', ...(error.field ?? ['name'])], error.message, error.cure);
    }
  }
  return lesson;
}

async function check(services: Services, lesson: Lesson, context: CallContext<StepCheck>): Promise<LessonCheck> {
  const begin = performance.now();
  const steps: StepCheck[] = [];
  for (const step of lesson.steps) {
    const result = await checkStep(services, step, context);
    steps.push(result);
    context.partial(result);
  }
  return {
    name: lesson.name,
    holds: steps.every(
      ({ claims, problems }) => problems.length === 0 && claims.every(({ failure }) => failure === null),
    ),
    steps,
    seconds: (performance.now() - begin) / 1_000,
  };
}

async function checkStep(
  services: Services,
  step: LessonStep,
  context: Pick<CallContext, 'signal' | 'progress'>,
): Promise<StepCheck> {
  const begin = performance.now();
  const problems: string[] = [];
  let facts: StudyResult['facts'] = {};
  try {
    const { stage, study } = step;
    if (stage) {
      await conduct(
        services,
        async ({ train }) => {
          for (const experiment of stage.experiments) await train(experiment);
          return {};
        },
        context,
      );
    }
    if (study) {
      const result = await runStudy(services, study, context);
      ({ facts } = result);
      problems.push(...missing(step, result));
    }
  } catch (error) {
    if (context.signal.aborted) throw error;
    problems.push(toAppError(error).message);
  }
  const claims = step.claims.map((claim) => ({
    says: claim.says,
    fact: claim.fact,
    value: facts[claim.fact]?.value ?? Number.NaN,
    failure: claimFailure(claim, facts),
  }));
  return { id: step.id, claims, problems, seconds: (performance.now() - begin) / 1_000 };
}

/** What the step names and the study does not give. */
function missing({ study, predict }: LessonStep, result: StudyResult): string[] {
  const named = {
    facts: [...(study?.facts ?? []), ...(predict ? [predict.fact] : [])],
    charts: study?.charts ?? [],
    scenes: study?.scenes ?? [],
    tables: study?.tables ?? [],
  };
  return Object.entries(named).flatMap(([kind, names]) => {
    const given = Object.keys(result[kind as keyof typeof named]);
    return names
      .filter((name) => !given.includes(name))
      .map((name) => `the study has no ${kind.slice(0, -1)} "${name}"; it has ${given.join(', ') || 'none'}`);
  });
}
