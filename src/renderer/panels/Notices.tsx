import { CircleAlert, Info, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { dismissNotice, type NoticePlace, useNotices } from '../state/notices';
import { IconButton } from '../ui/Button';

/** Banners of one place: what could not be done, and the way out. */
export function Notices({ place }: { place: NoticePlace }) {
  const { t } = useTranslation();
  const notices = useNotices((state) => state.notices);
  return notices
    .filter((notice) => notice.place === place)
    .map(({ id, tone, message, cure }) => (
      <div key={id} className={`notice ${tone}`} role="alert">
        {tone === 'error' ? <CircleAlert aria-hidden className="icon" /> : <Info aria-hidden className="icon" />}
        <p>
          <strong>{message}</strong> {cure}
        </p>
        <IconButton label={t('action.dismiss')} icon={X} onClick={() => dismissNotice(id)} />
      </div>
    ));
}

/** Says outcomes to screen readers. */
export function LiveRegion() {
  const announcement = useNotices((state) => state.announcement);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {announcement}
    </div>
  );
}
