import { closeDialog, useDialog } from '../../state/commands';
import { CurvatureDialog } from './CurvatureDialog';
import { DoctorDialog } from './DoctorDialog';
import { ExportDialog } from './ExportDialog';
import { HelpDialog } from './HelpDialog';
import { OpenDialog } from './OpenDialog';
import { PlanesDialog } from './PlanesDialog';
import { RaceDialog } from './RaceDialog';
import { RunsDialog } from './RunsDialog';

/** The dialog that is open, if any. */
export function Dialogs() {
  const dialog = useDialog((state) => state.dialog);
  switch (dialog) {
    case 'help':
      return <HelpDialog onClose={closeDialog} />;
    case 'export':
      return <ExportDialog onClose={closeDialog} />;
    case 'runs':
      return <RunsDialog onClose={closeDialog} />;
    case 'curvature':
      return <CurvatureDialog onClose={closeDialog} />;
    case 'planes':
      return <PlanesDialog onClose={closeDialog} />;
    case 'race':
      return <RaceDialog onClose={closeDialog} />;
    case 'doctor':
      return <DoctorDialog onClose={closeDialog} />;
    case 'open':
      return <OpenDialog onClose={closeDialog} />;
    // The lessons' own.
    case 'lessons':
    case null:
      return null;
    default:
      return dialog satisfies never;
  }
}
