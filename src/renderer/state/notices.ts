import { create } from 'zustand';
import type { AppError } from '../../shared/contract';
import { errorInWords } from '../i18n/said';

/** Where a banner appears: over the landscape, or in the section it belongs to. */
export type NoticePlace = 'stage' | 'curvature' | 'critical' | 'connect' | 'lint' | 'profile' | 'race' | 'app';

export interface Notice {
  id: number;
  place: NoticePlace;
  tone: 'error' | 'info';
  message: string;
  cure: string | undefined;
}

interface NoticesState {
  notices: Notice[];
  /** Last thing told to screen readers. */
  announcement: string;
}
export const useNotices = create<NoticesState>(() => ({ notices: [], announcement: '' }));

let nextId = 1;

/** Shows an error of the engine with its cure; a cancelled request is no error. The same message is shown once. */
export function notifyError(error: AppError, place: NoticePlace = 'app'): void {
  if (error.code === 'cancelled') return;
  const { message, cure } = errorInWords(error);
  notify({ place, tone: 'error', message, cure });
}

export function notify(notice: Omit<Notice, 'id'>): void {
  useNotices.setState(({ notices }) => ({
    notices: [
      ...notices.filter(({ message, place }) => message !== notice.message || place !== notice.place),
      { ...notice, id: nextId++ },
    ].slice(-3),
  }));
}

export function dismissNotice(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}

export function clearNotices(place: NoticePlace): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.place !== place) }));
}

/** Says something to screen readers (aria-live). */
export function announce(text: string): void {
  useNotices.setState({ announcement: text });
}
