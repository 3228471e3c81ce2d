// Where the page begins.
import { render } from 'preact';
import { Boot } from './boot.js';
import './style.css';

const root = document.getElementById('app');
if (root) render(<Boot />, root);
