import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { changeLanguage } from '../../src/renderer/i18n';
import { ShownResults } from '../../src/renderer/panels/inspection/curvature/CurvatureView';
import { useSettings } from '../../src/renderer/state/settings';
import { optimizerSchema } from '../../src/shared/model/experiment';
import { type CurvatureFixture, curvatureFixtures } from './curvatureFixtures';
import '../../src/renderer/styles/index.css';
import './curvature.css';

const query = new URLSearchParams(location.search);
const theme = query.get('theme') === 'light' ? 'light' : 'dark';
const large = query.get('size') === 'large';
document.documentElement.dataset.theme = theme;
useSettings.setState({ theme });

await changeLanguage(query.get('language') === 'ko' ? 'ko' : 'en');
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <main className={`curvature-gallery ${large ? 'large' : ''}`}>
      <ShownResults
        shown={curvatureFixtures[(query.get('fixture') ?? 'spectrum') as CurvatureFixture]}
        optimizer={optimizerSchema.parse({ name: 'sgd', learningRate: 0.2 })}
        large={large}
      />
    </main>
  </StrictMode>,
);
