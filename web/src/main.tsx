import './theme.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { startNavigation } from './state/navigate.ts';
import { startSync } from './state/sync.ts';

startNavigation();
startSync();
render(<App />, document.getElementById('app') as HTMLElement);
