import './theme.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { startPageKeys } from './layout/page-keys.ts';
import { startNavigation } from './state/navigate.ts';
import { startSync } from './state/sync.ts';
import { startTheme } from './state/theme.ts';
// Last: the layout arranges the parts over their own styles.
import './page.css';

startTheme();
startNavigation();
startSync();
startPageKeys();
const root = document.getElementById('app') as HTMLElement;
root.replaceChildren();
render(<App />, root);
