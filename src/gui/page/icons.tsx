// The few pictures of the window, drawn on a grid of 24.
const PATHS = {
  stars: 'M4 5h9v9H4zM11 10h9v9h-9zM17.5 4.5v3M16 6h3',
  sliders: 'M5 4v6M5 14v6M12 4v2M12 10v10M19 4v10M19 18v2M2.500 12h5M9.500 8h5M16.500 16h5',
  pulse: 'M3 12h4l2.500-7 5 14 2.500-7h4',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01',
  half: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M15 5v14M18 7.500v9',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600 19 19M5 19l1.400-1.400M17.600 6.400 19 5',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
  eye: 'M2 12s3.500-6.500 10-6.500S22 12 22 12s-3.500 6.500-10 6.500S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  folder: 'M3 6h6l2 2h10v11H3z',
  up: 'M12 19V5M6 11l6-6 6 6',
  play: 'M7 5l12 7-12 7z',
  stop: 'M6 6h12v12H6z',
  keep: 'M6 4h12v16l-6-4-6 4z',
  undo: 'M4 10h10a5 5 0 0 1 0 10h-3M4 10l4-4M4 10l4 4',
  save: 'M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6',
  open: 'M4 19V5h6l2 2h8v3M4 19l3-9h15l-3 9z',
  close: 'M6 6l12 12M18 6L6 18',
  broom: 'M14 4l-3 8M7 12h9l1 8H5zM9 20v-3M13 20v-3',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  check: 'M5 13l4 4L19 7',
  warn: 'M12 3l10 18H2zM12 10v5M12 18h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
