import type { TFunction } from 'i18next';
import { CheckCircle2, FileUp, PlayCircle } from 'lucide-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type LessonInfo, lessonTopics } from '../../shared/model/lesson';
import { useWords } from '../i18n/words';
import { closeDialog } from '../state/commands';
import { addLesson, loadLessons, openLesson, useLessons } from '../state/lessons';
import { announce } from '../state/notices';
import { useSettings } from '../state/settings';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import './lessons.css';

/** All lessons in the order of the book, and the way to bring one's own. */
export function LessonLibrary() {
  const { t } = useTranslation();
  const { library, unreadable, addError } = useLessons();
  const [query, setQuery] = useState('');
  const [dragging, setDragging] = useState(false);
  useEffect(() => void loadLessons(), []);
  const topicName = useTopicName();
  const found = (library ?? []).filter((lesson) => matches(lesson, topicName(lesson.topic), query));
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDragging(false);
    for (const file of event.dataTransfer.files) void take(file, t);
  };
  return (
    <Dialog title={t('lessons.title')} wide onClose={closeDialog} footer={<Import />}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of two ways; the button below is the keyboard's */}
      <div
        className="lesson-library"
        data-dragging={dragging}
        onDragOver={(event) => {
          event.preventDefault();
          setDragging(true);
        }}
        onDragLeave={() => setDragging(false)}
        onDrop={drop}
      >
        <p className="quiet">{t('lessons.intro')}</p>
        <Continue />
        <TextField
          label={t('lessons.search')}
          placeholder={t('lessons.searchHint')}
          value={query}
          onChange={setQuery}
        />
        {addError && (
          <p className="issue" role="alert">
            {addError.message} {addError.cure && <span className="cure">{addError.cure}</span>}
          </p>
        )}
        {library === null && <p className="quiet">{t('lessons.loading')}</p>}
        {library?.length === 0 && <p className="quiet">{t('lessons.empty')}</p>}
        {library && library.length > 0 && found.length === 0 && (
          <p className="quiet">{t('lessons.none', { query: query.trim() })}</p>
        )}
        {lessonTopics.map((topic) => {
          const lessons = found.filter((lesson) => lesson.topic === topic);
          if (lessons.length === 0) return null;
          return (
            <section key={topic} className="lesson-topic" aria-label={topicName(topic)}>
              <h3>{topicName(topic)}</h3>
              <ul>
                {lessons.map((lesson) => (
                  <LessonRow key={lesson.name} lesson={lesson} />
                ))}
              </ul>
            </section>
          );
        })}
        {unreadable.length > 0 && (
          <section className="lesson-topic" aria-label={t('lessons.unreadable')}>
            <h3>{t('lessons.unreadable')}</h3>
            <ul>
              {unreadable.map(({ path, reason }) => (
                <li key={path} className="library-unreadable">
                  <span className="path">{path}</span>
                  <br />
                  {reason}
                </li>
              ))}
            </ul>
          </section>
        )}
        {dragging && <p className="drop-here">{t('lessons.drop')}</p>}
      </div>
    </Dialog>
  );
}

function useTopicName(): (topic: LessonInfo['topic']) => string {
  const { t } = useTranslation();
  return (topic) => t(`lessons.topic.${topic}`);
}

function matches({ title, summary, section }: LessonInfo, topic: string, query: string): boolean {
  const text = [title.en, title.ko, summary.en, summary.ko, topic, section].join('\n').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function start(name: string, step?: string): void {
  closeDialog();
  void openLesson(name, step);
}

/** Where the last lesson was left, unless it was finished. */
function Continue() {
  const { t } = useTranslation();
  const words = useWords();
  const { last, done } = useSettings((state) => state.settings.lessons);
  const lesson = useLessons((state) => state.library?.find(({ name }) => name === last?.name));
  if (!last || !lesson) return null;
  const finished = done[lesson.name]?.length ?? 0;
  if (finished >= lesson.steps) return null;
  return (
    <Button icon={PlayCircle} variant="primary" className="continue" onClick={() => start(lesson.name, last.step)}>
      {t('lessons.continue')}: {words(lesson.title)}
    </Button>
  );
}

function LessonRow({ lesson }: { lesson: LessonInfo }) {
  const { t } = useTranslation();
  const words = useWords();
  const done = useSettings((state) => state.settings.lessons.done[lesson.name]?.length ?? 0);
  const count = lesson.steps;
  return (
    <li>
      <button type="button" className="lesson-row" data-lesson={lesson.name} onClick={() => start(lesson.name)}>
        <span className="lesson-name">
          {words(lesson.title)}
          {lesson.own && <span className="badge">{t('lessons.own')}</span>}
        </span>
        <span className="lesson-summary">{words(lesson.summary)}</span>
        <span className="lesson-facts quiet">
          <span>{t('lessons.section', { section: lesson.section })}</span>
          <span>{t('lessons.minutes', { count: lesson.minutes })}</span>
          <span className="lesson-progress">
            {done >= count && <CheckCircle2 aria-hidden className="icon" />}
            {t('lessons.progress', { done: Math.min(done, count), count })}
          </span>
        </span>
      </button>
    </li>
  );
}

async function take(file: File, t: TFunction): Promise<void> {
  if (await addLesson(file)) announce(t('lessons.added', { title: file.name }));
}

function Import() {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="lesson-import">
      <p className="hint">{t('lessons.importHint')}</p>
      <input
        ref={input}
        type="file"
        hidden
        accept=".md,text/markdown"
        aria-label={t('lessons.import')}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file can be chosen again once it is mended.
          event.target.value = '';
          if (file) void take(file, t);
        }}
      />
      <Button icon={FileUp} onClick={() => input.current?.click()}>
        {t('lessons.import')}
      </Button>
    </div>
  );
}
