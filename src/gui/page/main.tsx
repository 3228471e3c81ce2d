// Where the page begins.
import { render } from 'preact';
import { Boot } from './boot.js';
import { applyTheme, lastTheme } from './theme.js';
import './style.css';

applyTheme(lastTheme())();

const root = document.getElementById('app');
if (root) render(<Boot />, root);
