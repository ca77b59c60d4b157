import { HandOut } from './HandOut';
import { Presenter } from './Presenter';

/** What an open lesson puts over the window. */
export const LessonExtras = () => (
  <>
    <Presenter />
    <HandOut />
  </>
);
