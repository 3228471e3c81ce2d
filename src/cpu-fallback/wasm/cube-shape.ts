// The shape of a sample cube, `[slots, planes, height, width]`.

export interface CubeShape {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly slots: number;
}
