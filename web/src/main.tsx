import { render } from 'preact';

render(<h1>Streetwatt</h1>, document.getElementById('app') as HTMLElement);
